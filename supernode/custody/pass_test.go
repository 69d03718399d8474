package custody

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Somebody who joins with an empty vault pages through all samples.
func TestJoinerFetchesWhatItIsAssigned(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3, 2)
	entries := f.samples(24, f.nodes[0])
	joiner := f.nodes[2]
	c, _ := joiner.start()

	want := 0
	for _, entry := range entries {
		if holds(joiner, entry, 2, f.nodes...) {
			want++
		}
	}
	require.NotZero(t, want)
	require.Less(t, want, len(entries))
	f.eventually("a pass without misses", func() bool { return c.metric("held_samples") == float64(want) })
	for _, entry := range entries {
		require.Equal(t, holds(joiner, entry, 2, f.nodes...), joiner.has(entry))
	}
	require.Zero(t, c.metric("missing_samples"))
	f.eventually("the end of the newest pass", func() bool { return c.metric("pass_progress") == 1 })
	pins, err := joiner.vault.Pins(nil, 100)
	require.NoError(t, err)
	require.Len(t, pins, want)
}

func TestNobodyFetchesWhatShouldNotBeHeld(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 2)
	entries := f.samples(4, f.nodes[0])
	for i, status := range []samplestypes.Status{samplestypes.STATUS_BLOCKED, samplestypes.STATUS_INVALID, samplestypes.STATUS_QUEUED} {
		entries[i].Sample.Status = status
		f.ledger.edit(func(l *ledger) { l.samples[string(entries[i].Sha256)] = entries[i] })
	}
	f.nodes[1].start()
	f.eventually("the good ones", func() bool { return f.nodes[1].has(entries[2]) && f.nodes[1].has(entries[3]) })
	require.False(t, f.nodes[1].has(entries[0]))
	require.False(t, f.nodes[1].has(entries[1]))
}

// The only holder is away at first: passes go on until everything is there.
func TestWhatIsMissingIsTriedAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 2)
	entries := f.samples(3, f.nodes[0])
	require.NoError(t, f.nodes[0].vault.Close())
	c, _ := f.nodes[1].start()
	f.eventually("a pass that misses all", func() bool { return c.metric("missing_samples") == 3 })
	f.nodes[0].open()
	f.ledger.edit(func(l *ledger) { l.height++ })
	c.mu.Lock()
	c.metAt = c.metAt.Add(-meetAgain)
	c.mu.Unlock()
	f.eventually("all of them", func() bool {
		return f.nodes[1].has(entries[0]) && f.nodes[1].has(entries[1]) && f.nodes[1].has(entries[2])
	})
}

func TestNewEpochAndFinishedRoundsAreLookedAt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3, 3)
	first := f.sample("before", f.nodes[0])
	f.nodes[1].start()
	f.eventually("the first pass", func() bool { return f.nodes[1].has(first) })

	members := f.samples(7, f.nodes[0])
	f.ledger.edit(func(l *ledger) {
		for _, member := range members {
			l.members[5] = append(l.members[5], member.Sha256...)
		}
	})
	f.ledger.emit(&verdictstypes.EventRoundFinal{Round: 5})
	for _, member := range members {
		f.eventually("the members of the round", func() bool { return f.nodes[1].has(member) })
	}
	later := f.sample("for the next epoch", f.nodes[0])
	f.ledger.seat(2, f.nodes...)
	f.eventually("the pass of the new epoch", func() bool { return f.nodes[1].has(later) })
}

// Killed while it fetches a file of many blocks, it begins again with what the disk says.
func TestKilledWhileFetching(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 2)
	large := f.sample(strings.Repeat("a large sample ", 2<<20), f.nodes[0])
	others := f.samples(20, f.nodes[0])
	for range 3 {
		_, kill := f.nodes[1].start()
		f.eventually("a connection", func() bool { return len(f.nodes[1].vault.Connected()) > 0 })
		kill()
		require.NoError(t, f.nodes[1].vault.Close())
		f.nodes[1].open()
	}
	f.nodes[1].start()
	for _, entry := range append(others, large) {
		f.eventually("everything", func() bool { return f.nodes[1].has(entry) })
	}
}
