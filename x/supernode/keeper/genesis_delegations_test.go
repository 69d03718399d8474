package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// busyPools gives a chain with the operators 1, 3 and 5 a record of every kind that
// belongs to a pool.
func (f *fixture) busyPools() {
	f.t.Helper()
	f.delegate(1, 1, 1_000)
	f.delegate(1, 3, 700)
	f.delegate(2, 1, 333)
	require.NoError(f.t, f.undelegate(1, 1, 400))
	require.NoError(f.t, f.redelegate(2, 1, 5, 200))
	f.slashPool(1, 12_345)
	_, err := deliver(f, f.msgs.SetCommission, &types.MsgSetCommission{Operator: operator(1).String(), CommissionPpm: 9_999})
	require.NoError(f.t, err)
	f.allocate(1, 1_001)
	f.allocate(3, 77)
}

// A restarted chain pays the same rewards and releases the same tokens.
func TestARestartedChainGoesOnWithItsPools(t *testing.T) {
	f := busyFixture(t)
	next, _ := restart(t, f)
	for _, chain := range []*fixture{f, next} {
		start := [2]int64{chain.balance(holder(1)), chain.balance(holder(2))}
		chain.allocate(1, 500)
		first, second := chain.withdraw(1, 1), chain.withdraw(2, 1)
		chain.nextBlock(redelegate * time.Second)
		chain.nextBlock(unbond * time.Second)
		require.NoError(t, chain.keeper.EndBlock(chain.ctx))
		// 600 less 1.2345 % is 593: 197.67 for one, and for the last what that leaves.
		require.EqualValues(t, 396, chain.balance(holder(1))-start[0]-first)
		require.EqualValues(t, 0, chain.balance(holder(2))-start[1]-second)
		require.EqualValues(t, [3]int64{197, 0, 0}, chain.position(2, 5))
	}
	here, there := f.pool(1), next.pool(1)
	require.Equal(t, here.String(), there.String())
	require.Equal(t, f.balance(types.RewardsAddress(operator(1))), next.balance(types.RewardsAddress(operator(1))))
}

// The bonds are funded, the pools are not.
func TestInitGenesisRefusesAPoolThatIsNotFunded(t *testing.T) {
	f := busyFixture(t)
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	next := newChain(t)
	next.damaged = true
	for number := byte(1); number <= 5; number++ {
		next.fund(types.BondAddress(operator(number)), coin(10*minBond))
	}
	err = next.keeper.InitGenesis(next.ctx, gs)
	require.ErrorIs(t, err, types.ErrInvariant)
	require.ErrorContains(t, err, types.PoolAddress(operator(1)).String())
}
