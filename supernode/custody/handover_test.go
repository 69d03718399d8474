package custody

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (n *supernode) leave(ctx context.Context, tell func(Handover)) (Handover, error) {
	deps := Deps{Chain: n.f.ledger.client(nil), Vault: n.vault, Log: slog.New(slog.DiscardHandler)}
	return Leave(ctx, n.operator, deps, 10*time.Millisecond, tell)
}

func TestLeaveWaitsForSeatAndHolders(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3, 2)
	leaver := f.nodes[0]
	entries := f.samples(12, leaver)
	states := make(chan Handover, 100_000)
	done := make(chan Handover, 1)
	go func() {
		state, err := leaver.leave(f.t.Context(), func(state Handover) { states <- state })
		if err != nil {
			t.Error(err)
		}
		done <- state
	}()
	state := <-states
	require.Equal(t, Handover{Epoch: 1, Seated: true, Held: 12, Confirmed: 0}, state)
	f.ledger.seat(2, f.nodes[1:]...)
	for state = range states {
		if !state.Seated {
			break
		}
	}
	require.Equal(t, Handover{Epoch: 2, Held: 12, Confirmed: 0}, state, "nobody has fetched anything")
	f.nodes[1].start()
	f.eventually("one holder has all", func() bool {
		for _, entry := range entries {
			if !f.nodes[1].has(entry) {
				return false
			}
		}
		return true
	})
	require.Empty(t, done, "the other one has nothing yet")
	f.nodes[2].start()
	select {
	case state = <-done:
	case <-time.After(patience):
		t.Fatal("never safe")
	}
	require.Equal(t, Handover{Epoch: 2, Held: 12, Confirmed: 12}, state)
	require.True(t, state.Safe())
}

func TestLeaveEndsWithItsContext(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, 1)
	f.samples(2, f.nodes[0])
	f.ledger.seat(2)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	state, err := f.nodes[0].leave(ctx, func(Handover) {})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, Handover{Epoch: 2, Held: 2}, state)
	require.False(t, state.Safe(), "nobody is there to take it over")
}
