package scanner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// signal makes the worker of a round look at the round's state.
func (s *Scanner) signal(ctx context.Context, round uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	signals, working := s.rounds[round]
	if !working {
		signals = make(chan struct{}, 1)
		s.rounds[round] = signals
		s.work.Go(func() { s.workOn(ctx, round, signals) })
	}
	select {
	case signals <- struct{}{}:
	default: // a signal is waiting already
	}
}

// workedOn lists the rounds that have a worker.
func (s *Scanner) workedOn() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.rounds))
}

// workOn advances a round at each signal until it is finished. A signal that comes
// after that is not missed: nothing can happen in a finished round.
func (s *Scanner) workOn(ctx context.Context, round uint64, signals <-chan struct{}) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.rounds, round)
	}()
	for finished := false; !finished; {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		s.retry(ctx, fmt.Sprintf("round %d", round), func(ctx context.Context) (err error) {
			finished, err = s.advance(ctx, round)
			return err
		})
	}
}

// retry repeats fn until it succeeds or ctx ends: the node may be away, or busy. What
// can fail for good must tell by itself when it is no longer worth trying.
func (s *Scanner) retry(ctx context.Context, what string, fn func(ctx context.Context) error) {
	const step, longest = 500 * time.Millisecond, 5 * time.Second
	for pause := step; ; pause = min(pause+step, longest) {
		err := fn(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		s.metrics.failures.Inc()
		s.Log.Warn("trying again", "what", what, "pause", pause, "error", err)
		if !sleep(ctx, pause) {
			return
		}
	}
}

// sleep returns false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
