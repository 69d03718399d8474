package worker

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPoolSurvives(t *testing.T) {
	pool := newPool(t, Config{Spec: Spec{Profile: Parse, MemoryBytes: 512 << 20}})
	crash := func(t *testing.T, err error) {
		var crashed *CrashError
		require.ErrorAs(t, err, &crashed)
	}
	timeout := func(t *testing.T, err error) { require.ErrorIs(t, err, ErrTimeout) }
	says := func(text string) func(*testing.T, error) {
		return func(t *testing.T, err error) { require.ErrorContains(t, err, text) }
	}
	tests := map[string]struct {
		op      string
		timeout time.Duration
		check   func(*testing.T, error)
	}{
		"a crash":             {"segfault", time.Minute, crash},
		"a memory hog":        {"hog", time.Minute, crash},
		"a panic":             {"panic", time.Minute, says("index out of range")},
		"an endless loop":     {"spin", 300 * time.Millisecond, timeout},
		"a sleeper":           {"sleep", 300 * time.Millisecond, timeout},
		"an endless reply":    {"babble", time.Minute, says("at most 65536")},
		"an unknown request":  {"nonsense", time.Minute, says(`unknown operation "nonsense"`)},
		"no time at all":      {"size", 0, timeout},
		"a network attempt":   {"dial", time.Minute, says("operation not permitted")},
		"reading a file":      {"read", time.Minute, says("operation not permitted")},
		"writing a file":      {"write", time.Minute, says("operation not permitted")},
		"starting a process":  {"start", time.Minute, says("not permitted")},
		"signalling others":   {"kill", time.Minute, says("operation not permitted")},
		"altering the sample": {"alter", time.Minute, says("not permitted")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			call := Call{Op: test.op, Content: content(t, "sample"), Timeout: test.timeout}
			test.check(t, pool.Do(context.Background(), call, nil))
			requireAlive(t, pool)
		})
	}
}

func TestPoolPreparesEveryWorker(t *testing.T) {
	pool := newPool(t, Config{})
	ctx := context.Background()
	ask := func() string {
		var answer string
		require.NoError(t, pool.Do(ctx, Call{Op: "prepared", Timeout: time.Minute}, &answer))
		return answer
	}
	prepare := func(text string) {
		call := Call{Op: "prepare", Content: content(t, text), Timeout: time.Minute}
		require.NoError(t, pool.Prepare(ctx, "rules", call, nil))
	}
	prepare("one")
	require.Equal(t, "one", ask())
	require.Error(t, pool.Do(ctx, Call{Op: "segfault", Timeout: time.Minute}, nil))
	require.Equal(t, "one", ask(), "a new worker is prepared too")
	prepare("two")
	require.Equal(t, "two", ask())

	err := pool.Prepare(ctx, "rules", Call{Op: "panic", Timeout: time.Minute}, nil)
	require.ErrorContains(t, err, "panicked")
	require.Equal(t, "two", ask(), "a preparation that fails changes nothing")
}

func TestPoolCallerLeaves(t *testing.T) {
	pool := newPool(t, Config{})
	left := errors.New("caller left")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(100*time.Millisecond, func() { cancel(left) })
	require.ErrorIs(t, pool.Do(ctx, Call{Op: "sleep", Timeout: time.Minute}, nil), left)
	requireAlive(t, pool)
}

func TestPoolCloseEndsRunningCalls(t *testing.T) {
	pool := newPool(t, Config{Workers: 2})
	var running sync.WaitGroup
	errs := make([]error, 4) // two run, two wait
	for i := range errs {
		running.Go(func() {
			errs[i] = pool.Do(context.Background(), Call{Op: "sleep", Timeout: time.Minute}, nil)
		})
	}
	time.Sleep(200 * time.Millisecond)
	require.NoError(t, pool.Close())
	running.Wait()
	for _, err := range errs {
		require.ErrorIs(t, err, ErrClosed)
	}
	require.ErrorIs(t, pool.Do(context.Background(), Call{Op: "size", Timeout: time.Minute}, nil), ErrClosed)
}

func TestPoolRefusesBadConfig(t *testing.T) {
	_, err := NewPool(Config{Spec: Spec{Profile: "root"}})
	require.ErrorContains(t, err, `profile "root"`)
	_, err = NewPool(Config{Spec: Spec{Profile: Parse}, Workers: -1})
	require.ErrorContains(t, err, "workers: -1")
}
