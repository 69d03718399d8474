package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// busyFixture is a chain with a record of every kind.
func busyFixture(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	for number := byte(1); number <= 5; number++ {
		f.register(number, minBond*int64(1+number%3))
	}
	f.publish(f.nextEpoch())
	f.retire(2)
	f.nextBlock(time.Second)
	f.retire(4)
	f.publish(f.nextEpoch())
	f.busyPools()
	f.misbehave()
	return f
}

// misbehave adds what follows from duties: records, a jailed and benched supernode, a maker at
// fault, a reported key and a stirred beacon.
func (f *fixture) misbehave() {
	f.t.Helper()
	epoch, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(f.t, err)
	seats := f.seats(epoch.Number)
	f.duties(seats[0], "DMDfpU")
	f.duties(seats[2], "MMMMMMMM")
	holder := seats[1]
	_, err = deliver(f, f.msgs.ReportVaultKey, &types.MsgReportVaultKey{
		Sidecar: sidecar(holder).String(), Operator: operator(holder).String(), Epoch: epoch.Number,
	})
	require.NoError(f.t, err)
	require.NoError(f.t, f.keeper.VaultKeyFaults.Set(f.ctx, 1))
	require.NoError(f.t, f.keeper.Stir(f.ctx, 2, []byte("salts")))
}

// restart exports the chain and imports it into a new one, bonds included.
func restart(t *testing.T, f *fixture) (*fixture, *types.GenesisState) {
	t.Helper()
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	next := newChain(t)
	next.ctx = next.ctx.WithBlockTime(f.ctx.BlockTime())
	for _, supernode := range exported.Supernodes {
		account, err := sdk.AccAddressFromBech32(supernode.Operator)
		require.NoError(t, err)
		next.fund(types.BondAddress(account), exported.Params.Bond(supernode.SelfBond))
	}
	for _, pool := range exported.Pools {
		account, err := sdk.AccAddressFromBech32(pool.Operator)
		require.NoError(t, err)
		next.fund(types.PoolAddress(account), exported.Params.Bond(pool.Delegated.Add(pool.Unbonding)))
		next.fund(types.RewardsAddress(account), exported.Params.Bond(pool.OperatorRewards.Add(pool.DelegatorRewards)))
	}
	require.NoError(t, next.keeper.InitGenesis(next.ctx, exported))
	return next, exported
}

func TestGenesisRoundTrip(t *testing.T) {
	for name, f := range map[string]*fixture{"empty": newFixture(t), "busy": busyFixture(t)} {
		t.Run(name, func(t *testing.T) {
			next, exported := restart(t, f)
			require.NoError(t, exported.Validate())
			again, err := next.keeper.ExportGenesis(next.ctx)
			require.NoError(t, err)
			require.Equal(t, string(f.cdc.MustMarshalJSON(exported)), string(f.cdc.MustMarshalJSON(again)))
			require.NoError(t, next.keeper.AllInvariants(next.ctx))
		})
	}
}

func TestARestartKeepsTheJailed(t *testing.T) {
	f := busyFixture(t)
	next, exported := restart(t, f)
	require.NotEmpty(t, exported.Liveness)
	require.NotEmpty(t, exported.VaultKeyFaults)
	require.Len(t, exported.Benched, 1)
	jailed, err := sdk.AccAddressFromBech32(exported.Benched[0].Operator)
	require.NoError(t, err)

	seated, err := next.keeper.IsSeated(next.ctx, exported.Benched[0].Epoch, jailed)
	require.NoError(t, err)
	require.False(t, seated)
	require.Equal(t, types.STATUS_JAILED, next.supernode(jailed[0]).Status)
	require.Equal(t, f.beacon(), next.beacon())
	require.Equal(t, f.liveness(jailed[0]), next.liveness(jailed[0]))
	next.ctx = next.ctx.WithBlockTime(next.ctx.BlockTime().Add(time.Hour))
	next.unjail(jailed[0])
}

func TestARestartedChainGoesOn(t *testing.T) {
	f := busyFixture(t)
	current, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(t, err)

	next, _ := restart(t, f)

	restarted, err := next.keeper.CurrentEpoch(next.ctx)
	require.NoError(t, err)
	require.Equal(t, current, restarted)
	require.Equal(t, f.seats(current.Number), next.seats(current.Number))
	require.NoError(t, f.keeper.EpochHooks().BeforeEpochStart(f.ctx, timer, 9))
	require.NoError(t, next.keeper.EpochHooks().BeforeEpochStart(next.ctx, timer, 9))
	require.Equal(t, f.seats(9), next.seats(9))
	require.NotEmpty(t, next.seats(9))

	next.nextBlock(2 * unbond * time.Second)
	require.NoError(t, next.keeper.EndBlock(next.ctx))
	require.EqualValues(t, 3*minBond, next.balance(operator(2)))
	require.EqualValues(t, 2*minBond, next.balance(operator(4)))
}

func TestInitGenesisRefuses(t *testing.T) {
	f := busyFixture(t)
	tests := map[string]struct {
		change  func(*types.GenesisState)
		err     error
		message string
	}{
		"a bond that is not funded": {change: func(*types.GenesisState) {}, err: types.ErrInvariant, message: types.BondAddress(operator(1)).String()},
		"what is not valid":         {change: func(gs *types.GenesisState) { gs.Params.MaxActive = 0 }, err: types.ErrInvalidParams, message: "max_active"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			gs, err := f.keeper.ExportGenesis(f.ctx)
			require.NoError(t, err)
			tc.change(gs)
			next := newChain(t)
			next.damaged = true

			err = next.keeper.InitGenesis(next.ctx, gs)

			require.ErrorIs(t, err, tc.err)
			require.ErrorContains(t, err, tc.message)
		})
	}
}
