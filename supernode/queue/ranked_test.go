package queue

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lanes of these tests: web passes for a second older than it is.
var lanes = []Lane{
	{Subject: "jobs.web", Durable: "worker-web", HeadStart: time.Second},
	{Subject: "jobs.api", Durable: "worker-api"},
	{Subject: "jobs", Durable: "worker"},
}

func publishAll(t *testing.T, q *Queue, subject, prefix string, count int) {
	t.Helper()
	for i := range count {
		require.NoError(t, q.Publish(t.Context(), subject, fmt.Sprint(prefix, i), nil))
	}
}

// takeRanked consumes until n messages were handled and gives their ids in that order.
func takeRanked(t *testing.T, q *Queue, batch, n int) (ids []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := q.ConsumeRanked(ctx, lanes, batch, 10*time.Millisecond, func(_ context.Context, messages []Message) error {
		for _, m := range messages {
			ids = append(ids, m.ID)
		}
		if len(ids) >= n {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled, "fewer than %d messages", n)
	return ids
}

// The head start, and not the order of publishing, decides while it lasts.
func TestHigherLaneGoesFirst(t *testing.T) {
	ahead := []Lane{{Subject: "jobs.web", Durable: "worker-web", HeadStart: time.Hour}, lanes[1]}
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	publishAll(t, q, "jobs.api", "api", 50)
	publishAll(t, q, "jobs.web", "web", 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var ids []string
	err := q.ConsumeRanked(ctx, ahead, 10, 0, func(_ context.Context, messages []Message) error {
		for _, m := range messages {
			ids = append(ids, m.ID)
		}
		if len(ids) == 51 {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "web0", ids[0])
	for i := range 50 {
		require.Equal(t, fmt.Sprint("api", i), ids[i+1], "order of arrival within a lane")
	}
}

// What was published longer ago than the head start goes first, however much of the
// higher lane came since.
func TestLowerLaneDoesNotStarve(t *testing.T) {
	t.Parallel()
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	publishAll(t, q, "jobs.web", "early", 5)
	publishAll(t, q, "jobs.api", "api", 1)
	publishAll(t, q, "jobs", "old", 1)
	time.Sleep(lanes[0].HeadStart + 10*time.Millisecond)
	publishAll(t, q, "jobs.web", "late", 20)
	ids := takeRanked(t, q, 4, 27)
	require.Equal(t, []string{"early0", "early1", "early2", "early3", "early4", "api0", "old0", "late0"}, ids[:8])
}

func TestRankedBatchThatFailsComesAgain(t *testing.T) {
	t.Parallel()
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	publishAll(t, q, "jobs.api", "api", 3)
	publishAll(t, q, "jobs.web", "web", 3)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := map[string]int{}
	failed := false
	err := q.ConsumeRanked(ctx, lanes, 6, 50*time.Millisecond, func(_ context.Context, messages []Message) error {
		for _, m := range messages {
			seen[m.Subject+" "+m.ID] = m.Deliveries
		}
		if !failed {
			failed = true
			return errors.New("the chain is away")
		}
		done := len(seen) == 6
		for _, deliveries := range seen {
			done = done && deliveries == 2
		}
		if done {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Contains(t, seen, "jobs.web web0")
	for _, lane := range lanes {
		depth, err := q.Depth(t.Context(), lane.Subject)
		require.NoError(t, err)
		require.Zero(t, depth)
	}
}

// A consumer that ends in the middle gives back at once what it held and did not handle.
func TestRankedConsumerThatEndsLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := openQueue(t, Config{Dir: dir})
	for _, lane := range lanes {
		publishAll(t, q, lane.Subject, lane.Durable, 20)
	}
	handled := map[string]bool{}
	for _, id := range takeRanked(t, q, 5, 10) {
		handled[id] = true
	}
	started := time.Now()
	for _, id := range takeRanked(t, q, 5, 10) {
		handled[id] = true
	}
	require.Less(t, time.Since(started), defaultAckWait, "nothing had to be waited for")
	require.NoError(t, q.Close())

	q = openQueue(t, Config{Dir: dir, AckWait: shortAckWait})
	defer q.Close()
	for _, id := range takeRanked(t, q, 7, 60-len(handled)) {
		handled[id] = true
	}
	require.Len(t, handled, 60)
}

// What waits behind a slow handler is not given to another consumer of the same name.
func TestHeldMessagesAreKept(t *testing.T) {
	t.Parallel()
	q := openQueue(t, Config{Dir: t.TempDir(), AckWait: shortAckWait})
	defer q.Close()
	publishAll(t, q, "jobs.api", "api", 2)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var deliveries []int
	err := q.ConsumeRanked(ctx, lanes, 1, 0, func(_ context.Context, messages []Message) error {
		if deliveries = append(deliveries, messages[0].Deliveries); len(deliveries) == 2 {
			cancel()
			return nil
		}
		time.Sleep(shortAckWait + shortAckWait/6)
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []int{1, 1}, deliveries)
}

func TestRankedConsumerIsWokenByWhatIsPublished(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	go func() {
		time.Sleep(100 * time.Millisecond)
		_ = q.Publish(context.Background(), "jobs.api", "late", nil)
	}()
	require.Equal(t, []string{"late"}, takeRanked(t, q, 10, 1))
}

func TestRankedConsumerIsChecked(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	nothing := func(context.Context, []Message) error { return nil }
	for want, given := range map[string][]Lane{
		"no lanes": nil,
		"subject":  {{Subject: "a.>", Durable: "a"}},
		"durable":  {{Subject: "a", Durable: "a.b"}},
	} {
		require.ErrorContains(t, q.ConsumeRanked(t.Context(), given, 1, 0, nothing), want)
	}
	require.ErrorContains(t, q.ConsumeRanked(t.Context(), lanes, 0, 0, nothing), "batch of 0")
}
