package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"
)

const (
	minBackoff = time.Second
	maxBackoff = time.Minute
	// steadyAfter is how long a role must run to count as working.
	steadyAfter = 2 * time.Minute
)

// errEnded is the failure of a role that came back without an error.
var errEnded = errors.New("ended by itself")

// role is one activity of the process. It runs until ctx ends; coming back before is a
// failure, also without an error.
type role struct {
	name string
	run  func(ctx context.Context) error
	// failing is true from a failure until the role has run for a while.
	failing atomic.Bool
}

func newRole(name string, run func(context.Context) error) *role { return &role{name: name, run: run} }

// check is the role's part of the node's health.
func (r *role) check(context.Context) error {
	if r.failing.Load() {
		return fmt.Errorf("role %s has failed lately", r.name)
	}
	return nil
}

// supervise runs a role until ctx ends, and starts it again when it fails, later each time.
func (r *role) supervise(ctx context.Context, log *slog.Logger) {
	for backoff := minBackoff; ; backoff = min(2*backoff, maxBackoff) {
		steady := time.AfterFunc(steadyAfter, func() { r.failing.Store(false) })
		start := time.Now()
		err := r.attempt(ctx)
		steady.Stop()
		if ctx.Err() != nil {
			if !errors.Is(err, errEnded) && !errors.Is(err, ctx.Err()) {
				log.Warn("role stopped with an error", "role", r.name, "error", err)
			}
			return
		}
		r.failing.Store(true)
		if time.Since(start) > steadyAfter {
			backoff = minBackoff
		}
		log.Error("role failed and starts again", "role", r.name, "error", err, "in", backoff)
		select {
		case <-ctx.Done():
			return
		case <-time.After(backoff):
		}
	}
}

// attempt runs the role once and turns a panic into an error.
func (r *role) attempt(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := r.run(ctx); err != nil {
		return err
	}
	return errEnded
}
