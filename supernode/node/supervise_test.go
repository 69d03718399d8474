package node

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFailedRoleStartsAgain(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error":  func() error { return errors.New("broken") },
		"panic":  func() error { panic("broken") },
		"return": func() error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var runs atomic.Int32
			r := newRole("test", func(ctx context.Context) error {
				if runs.Add(1) == 1 {
					return fail()
				}
				<-ctx.Done()
				return ctx.Err()
			})
			require.NoError(t, r.check(ctx))
			done := make(chan struct{})
			go func() {
				defer close(done)
				r.supervise(ctx, quiet())
			}()
			require.Eventually(t, func() bool { return runs.Load() == 2 }, 30*time.Second, 10*time.Millisecond)
			require.ErrorContains(t, r.check(ctx), "role test has failed lately")
			cancel()
			<-done
		})
	}
}

func TestRoleEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var runs atomic.Int32
	r := newRole("test", func(ctx context.Context) error {
		runs.Add(1)
		<-ctx.Done()
		return nil
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.supervise(ctx, quiet())
	}()
	require.Eventually(t, func() bool { return runs.Load() == 1 }, 30*time.Second, time.Millisecond)
	cancel()
	<-done
	require.EqualValues(t, 1, runs.Load())
}
