package custody

import (
	"testing"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// passed waits for a pass that began after now.
func (f *fixture) passed(c *Custody) {
	f.t.Helper()
	signal(c.passes)
	for range 2 {
		before := c.metric("passes_total")
		signal(c.passes)
		f.eventually("a pass", func() bool { return c.metric("passes_total") > before })
	}
}

// The operator loses its seat in epoch 2. The others hold everything all the time, yet it
// keeps what it was assigned in epoch 1 for the whole of epoch 2.
func TestUnassignedIsDroppedAfterTheGrace(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3, 2)
	entries := f.samples(12, f.nodes...)
	leaver := f.nodes[0]
	c, _ := leaver.start()
	f.ledger.seat(2, f.nodes[1:]...)
	f.passed(c)
	assigned := 0
	for _, entry := range entries {
		require.Equal(t, holds(leaver, entry, 2, f.nodes...), leaver.has(entry))
		if leaver.has(entry) {
			assigned++
		}
	}
	require.NotZero(t, assigned)
	require.Less(t, assigned, len(entries), "some were only fetched to be scanned, long ago")
	f.ledger.seat(3, f.nodes[1:]...)
	for _, entry := range entries {
		f.eventually("dropped", func() bool { return !leaver.has(entry) })
	}
	f.eventually("no pin is left", func() bool {
		pins, err := leaver.vault.Pins(nil, 100)
		return err == nil && len(pins) == 0
	})
	require.EqualValues(t, 12, c.metric("dropped_total"))
	for _, other := range f.nodes[1:] {
		require.True(t, other.has(entries[0]))
	}
}

func TestAssignedIsNeverDropped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3, 2)
	entries := f.samples(12, f.nodes...)
	c, _ := f.nodes[0].start()
	for epoch := range uint64(3) {
		f.ledger.seat(2+epoch, f.nodes...)
		f.passed(c)
	}
	for _, entry := range entries {
		require.Equal(t, holds(f.nodes[0], entry, 2, f.nodes...), f.nodes[0].has(entry))
	}
}

func TestTheOnlyCopyIsNotDropped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 2)
	entry := f.sample("nobody fetches it", f.nodes[0])
	c, _ := f.nodes[0].start()
	for epoch := range uint64(3) {
		f.ledger.seat(2+epoch, f.nodes[1])
		f.passed(c)
	}
	require.True(t, f.nodes[0].has(entry))
	f.nodes[1].start() // takes it over
	f.eventually("taken over", func() bool { return f.nodes[1].has(entry) })
	f.passed(c)
	require.False(t, f.nodes[0].has(entry))
}

func TestBusyAndYoungSamplesAreKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 1)
	entries := f.samples(3, f.nodes...)
	entries[0].Sample.Status = samplestypes.STATUS_SCANNING
	entries[1].Sample.SubmittedHeight = 1_000_000
	f.ledger.edit(func(l *ledger) {
		for _, entry := range entries {
			l.samples[string(entry.Sha256)] = entry
		}
	})
	f.ledger.seat(2, f.nodes[1])
	f.ledger.seat(3, f.nodes[1])
	f.nodes[0].start()
	f.eventually("the old one is dropped", func() bool { return !f.nodes[0].has(entries[2]) })
	require.True(t, f.nodes[0].has(entries[0]), "being scanned")
	require.True(t, f.nodes[0].has(entries[1]), "younger than the grace")
}

func TestExpiredAndTakenDownSamplesGo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, 1)
	entries := f.samples(13, f.nodes[0])
	node := f.nodes[0]
	c, _ := node.start()
	f.passed(c)
	f.ledger.edit(func(l *ledger) { l.behind = true })
	f.passed(c) // so that none is under way that believes the node
	expired, replaced, blocked := entries[0], entries[1], entries[2]
	f.ledger.edit(func(l *ledger) { delete(l.samples, string(expired.Sha256)) })
	f.passed(c)
	require.True(t, node.has(expired), "a node that is behind knows nothing of newer samples")

	f.ledger.edit(func(l *ledger) { l.behind = false })
	f.passed(c)
	require.False(t, node.has(expired))

	// The hash gets another ciphertext; custody keeps the new one and forgets the old one.
	next := f.sample("the same hash, sealed again", node)
	f.ledger.edit(func(l *ledger) {
		delete(l.samples, string(next.Sha256))
		l.samples[string(replaced.Sha256)] = samplestypes.SampleEntry{Sha256: replaced.Sha256, Sample: next.Sample}
	})
	f.passed(c)
	require.False(t, node.has(replaced))
	require.True(t, node.has(next))

	blocked.Sample.Status = samplestypes.STATUS_BLOCKED
	f.ledger.edit(func(l *ledger) { l.samples[string(blocked.Sha256)] = blocked })
	f.ledger.emit(&samplestypes.EventBlocked{Sha256: blocked.Sha256, Reason: "test"})
	f.eventually("taken down", func() bool { return !node.has(blocked) })
	for _, entry := range entries[3:] {
		require.True(t, node.has(entry))
	}
}
