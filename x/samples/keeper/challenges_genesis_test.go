package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// pending is a chain with open challenges of one epoch, answered and not, and a second
// epoch whose supernodes wait for theirs.
func pending(t *testing.T) *fixture {
	t.Helper()
	f := challenged(t, 3)
	require.NoError(t, f.prove(proof(1, f.challengesOf(operator(1))[0], file)))
	f.endBlock(5, 5)
	f.seat(2, 3)
	f.endBlock(1, 1)
	return f
}

// What is exported and imported gives the same export, the same store with its deadlines
// rebuilt, and ends in the same way.
func TestGenesisRoundTripOfChallenges(t *testing.T) {
	f := pending(t)
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	require.NotEmpty(t, exported.Challenges)
	require.Len(t, exported.Draws, 3)

	g := newFixture(t)
	g.seat(2, 3) // x/supernode brings its own state
	require.NoError(t, g.keeper.InitGenesis(g.ctx, *exported))
	require.Equal(t, f.export(), g.export())
	require.Equal(t, f.rawStore(), g.rawStore())

	g.ctx = g.ctx.WithBlockHeight(f.ctx.BlockHeight()).WithBlockTime(f.ctx.BlockTime())
	for _, h := range []*fixture{f, g} {
		h.endBlock(700, 700)
		h.endBlock(1, 1)
	}
	require.Len(t, f.storage.outcomes, len(exported.Challenges))
	require.Equal(t, f.storage.outcomes, g.storage.outcomes)
	require.Equal(t, f.rawStore(), g.rawStore())
}

// Each way to break the challenges is found, and named.
func TestInvariantsFindDamagedChallenges(t *testing.T) {
	f := pending(t)
	require.NoError(t, f.keeper.AllInvariants(f.ctx))
	challenge := f.challengesOf(operator(0))[0]
	key := collections.Join3(operator(0), challenge.Epoch, challenge.Index)
	other := collections.Join3(operator(0), challenge.Epoch, uint32(99))
	for name, test := range map[string]struct {
		damage func(ctx sdk.Context) error
		says   string
	}{
		"challenge under another key": {func(ctx sdk.Context) error {
			return f.keeper.Challenges.Set(ctx, other, challenge)
		}, "challenges"},
		"challenge lost": {func(ctx sdk.Context) error {
			return f.keeper.Challenges.Remove(ctx, key)
		}, "deadlines"},
		"deadline lost": {func(ctx sdk.Context) error {
			return f.keeper.Deadlines.Remove(ctx, collections.Join(challenge.DeadlineHeight, key))
		}, "deadlines"},
		"deadline twice": {func(ctx sdk.Context) error {
			return f.keeper.Deadlines.Set(ctx, collections.Join(challenge.DeadlineHeight+1, key))
		}, "deadlines"},
		"deadline of nothing": {func(ctx sdk.Context) error {
			return f.keeper.Deadlines.Set(ctx, collections.Join(challenge.DeadlineHeight, other))
		}, "deadlines"},
		"draw of a coming epoch": {func(ctx sdk.Context) error {
			return f.keeper.Draws.Set(ctx, collections.Join(uint64(3), operator(0)))
		}, "draws"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := f.ctx.CacheContext()
			require.NoError(t, test.damage(ctx))
			err := f.keeper.AllInvariants(ctx)
			require.ErrorIs(t, err, types.ErrInvariant)
			require.ErrorContains(t, err, test.says)
		})
	}
}
