package scanner

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func urgent(kind verdictstypes.RoundKind, number uint64) urgency {
	return urgencyOf(verdictstypes.Round{Kind: kind, Number: number})
}

// queueUp makes waiters that enter the gate one after the other, and returns the order in
// which they pass it when the one that is inside leaves.
func queueUp(t *testing.T, waiting ...urgency) (passed []urgency) {
	t.Helper()
	g := newGate(1)
	require.NoError(t, g.acquire(t.Context(), urgency{}, 1))
	var (
		mu   sync.Mutex
		done sync.WaitGroup
	)
	for i, u := range waiting {
		done.Go(func() {
			if g.acquire(context.Background(), u, 1) != nil {
				return
			}
			mu.Lock()
			passed = append(passed, u)
			mu.Unlock()
			g.release(1)
		})
		for queued := 0; queued <= i; {
			g.mu.Lock()
			queued = len(g.waiting)
			g.mu.Unlock()
		}
	}
	g.release(1)
	done.Wait()
	return passed
}

// A backlog comes first and goes last.
func TestNewestRoundsThatSomebodyWaitsForGoFirst(t *testing.T) {
	retro3, retro9 := urgent(verdictstypes.ROUND_KIND_RETROSPECTIVE, 3), urgent(verdictstypes.ROUND_KIND_RETROSPECTIVE, 9)
	initial4, initial8 := urgent(verdictstypes.ROUND_KIND_INITIAL, 4), urgent(verdictstypes.ROUND_KIND_INITIAL, 8)
	rescan5, appeal6 := urgent(verdictstypes.ROUND_KIND_RESCAN, 5), urgent(verdictstypes.ROUND_KIND_APPEAL, 6)
	want := []urgency{initial8, appeal6, rescan5, initial4, retro9, retro3}
	require.Equal(t, want, queueUp(t, retro3, retro9, initial4, rescan5, appeal6, initial8))
	require.Equal(t, want, queueUp(t, initial8, appeal6, rescan5, initial4, retro9, retro3))
}

func TestWantingLessDoesNotOvertake(t *testing.T) {
	g := newGate(10)
	require.NoError(t, g.acquire(t.Context(), urgency{}, 4))
	passed := make(chan string, 2)
	enter := func(name string, u urgency, weight int64) {
		go func() {
			_ = g.acquire(context.Background(), u, weight)
			passed <- name
		}()
	}
	enter("large", urgency{round: 2}, 8)
	for queued := 0; queued < 1; {
		g.mu.Lock()
		queued = len(g.waiting)
		g.mu.Unlock()
	}
	enter("small", urgency{round: 1}, 3)
	for queued := 0; queued < 2; {
		g.mu.Lock()
		queued = len(g.waiting)
		g.mu.Unlock()
	}
	require.Empty(t, passed, "there is room for the small one, but the large one is next")
	g.release(4)
	require.Equal(t, "large", <-passed)
	g.release(8)
	require.Equal(t, "small", <-passed)
}

func TestWhoGivesUpLeavesTheQueue(t *testing.T) {
	g := newGate(1)
	require.NoError(t, g.acquire(t.Context(), urgency{}, 1))
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { gone <- g.acquire(ctx, urgency{round: 9}, 1) }()
	for queued := 0; queued < 1; {
		g.mu.Lock()
		queued = len(g.waiting)
		g.mu.Unlock()
	}
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
	g.release(1)
	require.NoError(t, g.acquire(t.Context(), urgency{}, 1), "nothing is lost with the one who left")
	require.ErrorIs(t, g.acquire(ctx, urgency{}, 1), context.Canceled)
}

// Many come, go and give up at the same time; afterwards everything is free.
func TestNothingLeaksOutOfTheGate(t *testing.T) {
	const size = 7
	g := newGate(size)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			if i%3 == 0 {
				go cancel()
			}
			defer cancel()
			weight := int64(1 + i%size)
			if g.acquire(ctx, urgency{round: uint64(i % 5), retrospective: i%2 == 0}, weight) == nil {
				g.release(weight)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, size, g.free, fmt.Sprint(len(g.waiting)))
	require.Empty(t, g.waiting)
}
