package queue

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFailedBatchComesAgainWhole(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	for _, id := range []string{"a", "b"} {
		require.NoError(t, q.Publish(t.Context(), "work", id, []byte(id)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	deliveries := map[string][]int{}
	failed := false
	err := q.Consume(ctx, "work", "worker", 2, 100*time.Millisecond, func(_ context.Context, batch []Message) error {
		for _, m := range batch {
			deliveries[m.ID] = append(deliveries[m.ID], m.Deliveries)
		}
		if !failed {
			failed = true
			return errors.New("disk of the handler is full")
		}
		if len(deliveries["a"]) == 2 && len(deliveries["b"]) == 2 {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, map[string][]int{"a": {1, 2}, "b": {1, 2}}, deliveries)
	depth, err := q.Depth(t.Context(), "work")
	require.NoError(t, err)
	require.Zero(t, depth)
}

func TestBatchesFillUpAndPartialOnesAreNotHeldBack(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	for i := range 7 {
		require.NoError(t, q.Publish(t.Context(), "work", fmt.Sprint(i), nil))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var sizes []int
	total := 0
	err := q.Consume(ctx, "work", "worker", 3, 50*time.Millisecond, func(_ context.Context, batch []Message) error {
		sizes = append(sizes, len(batch))
		if total += len(batch); total == 7 {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []int{3, 3, 1}, sizes)
}

func TestClosingEndsConsumersAndKeepsTheirMessages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := openQueue(t, Config{Dir: dir, AckWait: shortAckWait})
	require.NoError(t, q.Publish(t.Context(), "work", "a", []byte("1")))
	handling, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- q.Consume(context.Background(), "work", "worker", 1, 0, func(ctx context.Context, _ []Message) error {
			close(handling)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	<-handling
	require.NoError(t, q.Close())
	require.ErrorIs(t, <-ended, ErrClosed)

	q = openQueue(t, Config{Dir: dir, AckWait: shortAckWait})
	defer q.Close()
	require.Equal(t, []string{"a=1"}, take(t, q, "work", 1))
}

func TestConsumersOfOneNameShareTheWork(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	const total = 40
	for i := range total {
		require.NoError(t, q.Publish(t.Context(), "work", fmt.Sprint(i), nil))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := make(chan string, 2*total)
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			ended <- q.Consume(ctx, "work", "worker", 5, 10*time.Millisecond, func(_ context.Context, batch []Message) error {
				for _, m := range batch {
					seen <- m.ID
				}
				return nil
			})
		}()
	}
	ids := map[string]int{}
	for range total {
		ids[<-seen]++
	}
	cancel()
	<-ended
	<-ended
	require.Len(t, ids, total)
	require.Empty(t, seen)
}

func TestSecondConsumerOfASubjectIsRefused(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	ctx, cancel := context.WithCancel(t.Context())
	nothing := func(context.Context, []Message) error { return nil }
	require.NoError(t, q.Publish(t.Context(), "work", "a", nil))
	require.Len(t, take(t, q, "work", 1), 1) // makes the consumer "worker"
	require.ErrorContains(t, q.Consume(ctx, "work", "other", 1, 0, nothing), "consumer other of work")
	cancel()
	require.ErrorContains(t, q.Consume(t.Context(), "work", "a.b", 1, 0, nothing), "durable")
	require.ErrorContains(t, q.Consume(t.Context(), "work", "a", 0, 0, nothing), "batch of 0")
}

func TestHandlersThatOutliveTheAckWaitAreNotRepeated(t *testing.T) {
	t.Parallel()
	q := openQueue(t, Config{Dir: t.TempDir(), AckWait: shortAckWait})
	defer q.Close()
	require.NoError(t, q.Publish(t.Context(), "work", "a", nil))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var deliveries []int
	err := q.Consume(ctx, "work", "worker", 1, 0, func(_ context.Context, batch []Message) error {
		deliveries = append(deliveries, batch[0].Deliveries)
		time.Sleep(shortAckWait + shortAckWait/6)
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	depth, err := q.Depth(t.Context(), "work")
	require.NoError(t, err)
	require.Zero(t, depth)
	require.Equal(t, []int{1}, deliveries)
}
