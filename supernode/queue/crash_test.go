package queue

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// publisherEnv makes the test binary a publisher that never ends by itself: it prints
// the id of every message whose Publish returned without error, or "error: ...".
const publisherEnv = "QUEUE_TEST_PUBLISHER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(publisherEnv); dir != "" {
		publishForEver(dir)
		return
	}
	if dir := os.Getenv(consumerEnv); dir != "" {
		consumeUntilKilled(dir)
		return
	}
	os.Exit(m.Run())
}

func publishForEver(dir string) {
	if limit := os.Getenv("QUEUE_TEST_FILE_LIMIT"); limit != "" {
		var bytes uint64
		fmt.Sscan(limit, &bytes)
		signal.Ignore(syscall.SIGXFSZ) // so that writes fail as on a full disk
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
			fmt.Println("error:", err)
			return
		}
	}
	q, err := Open(context.Background(), Config{Dir: dir})
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	payload := []byte(strings.Repeat("x", 2<<10))
	for i := 0; ; i++ {
		id := fmt.Sprint(i)
		if err := q.Publish(context.Background(), "work", id, payload); err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(id)
	}
}

// publish runs a publisher until it has printed n ids or an error.
func publish(t *testing.T, dir string, n int, env ...string) (ids []string, failure string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), publisherEnv+"="+dir), env...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for len(ids) < n && lines.Scan() {
		if failure, failed := strings.CutPrefix(lines.Text(), "error: "); failed {
			require.NoError(t, cmd.Process.Kill())
			_ = cmd.Wait()
			return ids, failure
		}
		ids = append(ids, lines.Text())
	}
	require.NoError(t, cmd.Process.Kill())
	for lines.Scan() {
		ids = append(ids, lines.Text()) // acknowledged before the kill
	}
	_ = cmd.Wait()
	return ids, ""
}

func requireHolds(t *testing.T, dir string, ids []string) {
	t.Helper()
	q := openQueue(t, Config{Dir: dir})
	defer q.Close()
	depth, err := q.Depth(t.Context(), "work")
	require.NoError(t, err)
	require.GreaterOrEqual(t, depth, uint64(len(ids)))
	// A message can be stored without its publisher having heard of it, never the reverse.
	require.LessOrEqual(t, depth, uint64(len(ids))+1)
	held := map[string]bool{}
	for _, m := range take(t, q, "work", int(depth)) {
		id, _, _ := strings.Cut(m, "=")
		held[id] = true
	}
	for _, id := range ids {
		require.True(t, held[id], "message %s was acknowledged and is lost", id)
	}
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	ids, failure := publish(t, dir, 50)
	require.Empty(t, failure)
	requireHolds(t, dir, ids)
}

func TestFailingDiskIsAnErrorAndLosesNothingAcknowledged(t *testing.T) {
	t.Parallel() // the client gives up after five seconds
	dir := t.TempDir()
	ids, failure := publish(t, dir, 1000, "QUEUE_TEST_FILE_LIMIT=65536")
	require.NotEmpty(t, failure)
	require.NotEmpty(t, ids)
	requireHolds(t, dir, ids)
}
