package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/samples/types"
)

func (f *fixture) stored() uint64 {
	f.t.Helper()
	stored, err := f.keeper.StoredBytes(f.ctx)
	require.NoError(f.t, err)
	return stored
}

// What must be stored is what a round opened, as long as there is a record of it.
func TestStoredBytes(t *testing.T) {
	f := newFixture(t)
	require.Zero(t, f.stored())
	f.reach(types.STATUS_SCANNING, "scanning")
	f.reach(types.STATUS_INVALID, "junk")
	require.Zero(t, f.stored(), "no round opened them")

	first := f.reach(types.STATUS_FINAL, "first")
	size := f.sample(first).Sealing.SizeBytes
	require.Equal(t, size, f.stored())
	f.begin(1, f.reach(types.STATUS_QUEUED, "other"))
	f.conclude(true, submission("other").Sha256)
	require.Equal(t, 2*size, f.stored())

	require.NoError(t, f.rescan(copier, first))
	f.begin(2, first)
	f.conclude(true, first)
	require.Equal(t, 2*size, f.stored(), "it is counted once")

	// A rescan finds it to be junk; another ciphertext of its content takes its place.
	require.NoError(t, f.rescan(copier, first))
	f.begin(3, first)
	f.conclude(false, first)
	require.Equal(t, 2*size, f.stored())
	another := submission("first")
	another.Sealing = sealing("first", "second file key")
	f.mustSubmit(contributor, another)
	require.Equal(t, size, f.stored())

	f.endBlock(1, ttl)
	f.endBlock(1, 1)
	require.True(t, f.gone(submission("other").Sha256))
	require.Zero(t, f.stored())
}

func TestReplicationAndClaimWindow(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.Replication, p.ClaimWindowBlocks = 5, 77 })
	replication, err := f.keeper.Replication(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 5, replication)
	window, err := f.keeper.ClaimWindowBlocks(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 77, window)
}
