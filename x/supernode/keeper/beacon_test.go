package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func (f *fixture) beacon() types.Beacon {
	f.t.Helper()
	res, err := f.queries.Beacon(f.ctx, &types.QueryBeaconRequest{})
	require.NoError(f.t, err)
	return res.Beacon
}

func TestTheSameSaltsGiveTheSameBeacon(t *testing.T) {
	stirred := func(salts ...string) types.Beacon {
		f := newFixture(t)
		for _, salt := range salts {
			require.NoError(t, f.keeper.Stir(f.ctx, 1, []byte(salt)))
		}
		return f.beacon()
	}
	require.Equal(t, stirred("a", "b"), stirred("a", "b"))
	require.NotEqual(t, stirred("a", "b"), stirred("b", "a"), "each one builds on those before")
	require.NotEqual(t, stirred("a"), stirred("a", "a"))
	require.NotEqual(t, stirred(), stirred("a"))
	require.Equal(t, make([]byte, 32), stirred().Value)
	require.Len(t, stirred("a").Value, 32)
}

func TestHiddenHeightNeverFalls(t *testing.T) {
	f := newFixture(t)
	for _, step := range []struct{ hidden, want int64 }{{5, 5}, {3, 5}, {9, 9}, {0, 9}} {
		before := f.beacon().Value
		require.NoError(t, f.keeper.Stir(f.ctx, step.hidden, []byte("salt")))
		require.Equal(t, step.want, f.beacon().HiddenHeight)
		require.NotEqual(t, before, f.beacon().Value)
		require.Equal(t, f.ctx.BlockHeight(), f.beacon().Height)
	}
}

func TestAnIdleChainTakesInBlockHashes(t *testing.T) {
	idle := func(hash string) *fixture {
		f := newFixture(t)
		f.govern(func(p *types.Params) { p.BeaconIdleBlocks = 4 })
		require.NoError(t, f.keeper.Stir(f.ctx, 0, []byte("salts")))
		f.ctx = f.ctx.WithHeaderHash([]byte(hash))
		return f
	}
	f := idle("hash")
	salted := f.beacon()
	for range 4 { // the blocks of heights 1 to 4
		f.nextBlock(time.Second)
	}
	require.Equal(t, salted, f.beacon())
	require.NoError(t, f.keeper.EndBlock(f.ctx)) // height 5
	stirred := f.beacon()
	require.NotEqual(t, salted.Value, stirred.Value)
	require.EqualValues(t, 5, stirred.Height)
	require.EqualValues(t, 4, stirred.HiddenHeight, "the proposer of this block knows its hash")

	other := idle("other hash")
	for range 5 {
		other.nextBlock(time.Second)
	}
	require.NotEqual(t, stirred.Value, other.beacon().Value)

	require.NoError(t, f.keeper.Stir(f.ctx, 4, []byte("more salts")))
	f.nextBlock(time.Second)
	require.EqualValues(t, 5, f.beacon().Height, "salts put the hashes off")
}
