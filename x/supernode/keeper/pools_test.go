package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestAPoolOutlivesItsRegistration(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 300)
	f.delegate(2, 1, 500)
	require.NoError(t, f.keeper.AllocateRewards(f.ctx, f.donor(1_000), operator(1), math.NewInt(1_000)))
	f.retire(1)
	f.nextBlock(unbond * time.Second)
	f.nextBlock(time.Second)
	_, err := f.keeper.Supernode(f.ctx, operator(1))
	require.ErrorIs(t, err, types.ErrNotFound)

	require.NoError(t, f.undelegate(1, 1, 300))
	f.register(1, minBond) // its pool is its own again
	stake, err := f.keeper.Candidates.Get(f.ctx, operator(1))
	require.NoError(t, err)
	require.EqualValues(t, minBond+500, stake)
	f.retire(1)
	f.nextBlock(unbond * time.Second)
	f.nextBlock(time.Second)
	require.EqualValues(t, 300, f.balance(holder(1)))

	require.NoError(t, f.undelegate(2, 1, 500))
	f.nextBlock(unbond * time.Second)
	f.nextBlock(time.Second)
	require.EqualValues(t, 500, f.balance(holder(2)))
	f.withdraw(1, 1)
	f.withdraw(2, 1)
	_, err = deliver(f, f.msgs.WithdrawCommission, &types.MsgWithdrawCommission{Operator: operator(1).String()})
	require.NoError(t, err)
	_, err = f.keeper.Pools.Get(f.ctx, operator(1))
	require.ErrorIs(t, err, collections.ErrNotFound)
	require.EqualValues(t, 0, f.balance(types.PoolAddress(operator(1))))
	require.EqualValues(t, 0, f.balance(types.RewardsAddress(operator(1))))
}

func TestAnUnusedPoolGoesWithItsRegistration(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	_, err := deliver(f, f.msgs.SetCommission, &types.MsgSetCommission{Operator: operator(1).String(), CommissionPpm: 1})
	require.NoError(t, err)
	f.retire(1)
	f.nextBlock(unbond * time.Second)
	f.nextBlock(time.Second)
	_, err = f.keeper.Pools.Get(f.ctx, operator(1))
	require.ErrorIs(t, err, collections.ErrNotFound)
}

// When slashing took everything, the shares can only leave; then the pool is as new.
func TestAnEmptiedPoolIsLeftAndRefilled(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 500)
	f.slashPool(1, 1_000_000)
	f.fund(holder(2), coin(500))
	enter := func() error {
		_, err := deliver(f, f.msgs.Delegate, &types.MsgDelegate{Delegator: holder(2).String(), Operator: operator(1).String(), Amount: coin(500)})
		return err
	}
	require.ErrorIs(t, enter(), types.ErrPoolEmptied)
	require.NoError(t, f.undelegate(1, 1, 0))
	require.NoError(t, enter())
	require.Equal(t, [3]int64{500, 0, 0}, f.position(2, 1))
}
