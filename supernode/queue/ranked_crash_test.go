package queue

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// consumerEnv makes the test binary a ranked consumer that handles one batch, prints its ids,
// takes the next one, and never ends by itself.
const consumerEnv = "QUEUE_TEST_CONSUMER_DIR"

func consumeUntilKilled(dir string) {
	q, err := Open(context.Background(), Config{Dir: dir})
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	batches := 0
	err = q.ConsumeRanked(context.Background(), lanes, 5, 0, func(ctx context.Context, messages []Message) error {
		if batches++; batches > 1 {
			fmt.Println("holding")
			<-ctx.Done() // the kill comes now
		}
		for _, m := range messages {
			fmt.Println(m.ID)
		}
		return nil
	})
	fmt.Println("error:", err)
}

// A killed consumer loses neither what it was handling nor what it held back.
func TestKilledRankedConsumerLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := openQueue(t, Config{Dir: dir})
	for _, lane := range lanes {
		publishAll(t, q, lane.Subject, lane.Durable, 10)
	}
	require.NoError(t, q.Close())

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), consumerEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	handled := map[string]bool{}
	for said := bufio.NewScanner(out); said.Scan() && said.Text() != "holding"; {
		handled[said.Text()] = true
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Len(t, handled, 5)

	q = openQueue(t, Config{Dir: dir, AckWait: shortAckWait})
	defer q.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = q.ConsumeRanked(ctx, lanes, 10, 0, func(_ context.Context, messages []Message) error {
		for _, m := range messages {
			handled[m.ID] = true
		}
		if len(handled) == 30 {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, handled, 30)
}
