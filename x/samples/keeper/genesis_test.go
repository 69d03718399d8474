package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples"
	"github.com/virusmap/virusmap/x/samples/types"
)

// populate brings samples of every status, payer and contributor, and claims.
func (f *fixture) populate() {
	f.t.Helper()
	for _, status := range []types.Status{
		types.STATUS_QUEUED, types.STATUS_SCANNING, types.STATUS_FINAL, types.STATUS_INVALID, types.STATUS_BLOCKED,
	} {
		f.reach(status, status.String())
	}
	f.endBlock(3, 10)
	require.NoError(f.t, f.claim(contributor, claimOn("replaced", contributor), claimOn("never opened", contributor)))
	f.endBlock(1, 5)
	f.mustSubmit(gateway, by(submission("replaced"), copier), by(submission("through a gateway"), contributor))
	f.mustSubmit(contributor, opening(submission("replaced"), salt))
	f.setParams(func(p *types.Params) { p.Deposit = sdk.NewInt64Coin(types.Denom, 77) })
	f.mustSubmit(copier, submission("at another deposit"))
}

// What is exported and imported gives the same export and, with its indexes rebuilt,
// the same store, byte for byte.
func TestGenesisRoundTrip(t *testing.T) {
	f := newFixture(t)
	f.populate()
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	require.Len(t, exported.Samples, 8)
	require.Len(t, exported.Claims, 2)

	g := newFixture(t)
	for _, payer := range []sdk.AccAddress{gateway, contributor, copier} {
		g.fund(types.DepositAddress(payer), f.held(payer))
	}
	require.NoError(t, g.keeper.InitGenesis(g.ctx, *exported))
	require.Equal(t, f.export(), g.export())
	require.Equal(t, f.rawStore(), g.rawStore())

	// The imported state goes on where the exported one stopped.
	g.ctx = g.ctx.WithBlockHeight(f.ctx.BlockHeight()).WithBlockTime(f.ctx.BlockTime())
	for _, h := range []*fixture{f, g} {
		h.conclude(true, submission(types.STATUS_SCANNING.String()).Sha256)
		h.endBlock(claimWindow+1, ttl)
		h.endBlock(1, 1)
	}
	require.Equal(t, f.rawStore(), g.rawStore())
	require.Equal(t, f.held(contributor), g.held(contributor))
}

// The same through the JSON of a genesis file.
func TestGenesisRoundTripAsJSON(t *testing.T) {
	f, g := newFixture(t), newFixture(t)
	f.populate()
	from, to := samples.NewAppModule(f.codec, f.keeper), samples.NewAppModule(g.codec, g.keeper)
	file := from.ExportGenesis(f.ctx, f.codec)
	require.NoError(t, to.ValidateGenesis(g.codec, nil, file))

	require.Panics(t, func() {
		ctx, _ := g.ctx.CacheContext()
		to.InitGenesis(ctx, g.codec, file)
	}, "a node must not start without the deposits")
	for _, payer := range []sdk.AccAddress{gateway, contributor, copier} {
		g.fund(types.DepositAddress(payer), f.held(payer))
	}
	to.InitGenesis(g.ctx, g.codec, file)
	require.Equal(t, string(file), string(to.ExportGenesis(g.ctx, g.codec)))
	require.Equal(t, f.rawStore(), g.rawStore())
}

func TestGenesisDefaultIsNotEmpty(t *testing.T) {
	f := newFixture(t)
	require.Len(t, f.rawStore(), 1, "the parameters are stored, so that the store never is empty")
}

func TestGenesisRefusesDepositsThatNobodyHolds(t *testing.T) {
	f := newFixture(t)
	f.populate()
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)

	g := newFixture(t)
	ctx, _ := g.ctx.CacheContext()
	err = g.keeper.InitGenesis(ctx, *exported)
	require.ErrorIs(t, err, types.ErrInvariant)
	require.ErrorContains(t, err, "deposits")
}
