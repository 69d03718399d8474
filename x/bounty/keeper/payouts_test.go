package keeper_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// With one payout a block an epoch pays its operators one by one, contributors can claim
// meanwhile, and the next epoch waits for it.
func TestPayoutsAreBounded(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.setParams(func(p *types.Params) { p.MaxPayoutsPerBlock = 1 })
	operators := f.register(3)
	f.nextEpoch(5)
	f.earn(holder("contributor"), 10*onePoint)
	for _, operator := range operators {
		require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operator, 5*onePoint))
	}
	f.seat(2)
	f.seat(3)
	third := int64(175_000 / 3)
	for paid := range operators {
		f.endBlock(5)
		for i, operator := range operators {
			require.Equal(t, i <= paid, f.earned(operator) == third, "operator %d after %d", i, paid)
		}
		want := types.EPOCH_STATUS_PAYING
		if paid == len(operators)-1 {
			want = types.EPOCH_STATUS_CLAIMABLE
		}
		require.Equal(t, want, f.rewards(1).Status)
		if paid == 0 {
			amount, _, err := f.claim(holder("contributor"))
			require.NoError(t, err)
			require.EqualValues(t, 250_000, amount)
		}
		next, err := f.keeper.NextEpoch.Get(f.ctx)
		require.NoError(t, err)
		require.EqualValues(t, 2, next)
	}
	f.endBlock(5)
	require.Equal(t, types.EPOCH_STATUS_CLAIMABLE, f.rewards(2).Status)
}

// The part of an operator whose registration is gone stays in the treasury; the others
// get no more for it.
func TestPartOfAnUnregisteredOperatorStays(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	operator := f.register(1)[0]
	f.nextEpoch(5)
	require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operator, 5*onePoint))
	require.NoError(t, f.keeper.AddEnginePoints(f.ctx, holder("gone"), 5*onePoint))
	before := f.left()
	f.nextEpoch(5)
	require.EqualValues(t, 87_500, f.earned(operator))
	require.Equal(t, before-87_500, f.left())
	require.EqualValues(t, 175_000, f.rewards(1).Engines.Int64())
	left, err := f.keeper.Works.Iterate(f.ctx, nil)
	require.NoError(t, err)
	require.False(t, left.Valid())
	require.NoError(t, left.Close())
}

// Delegators get their share through the operator's pool: with a bond of B and 3·B
// delegated, three quarters less the commission, which is none here.
func TestDelegatorsGetTheirShare(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	operator, delegator := f.register(1)[0], holder("delegator")
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(t, err)
	stake := params.MinSelfBond.Amount.MulRaw(3)
	f.mint(delegator, stake.Int64())
	_, err = f.nodes.Delegate(f.ctx, &supernodetypes.MsgDelegate{
		Delegator: delegator.String(), Operator: operator.String(), Amount: sdk.NewCoin(types.Denom, stake),
	})
	require.NoError(t, err)
	f.nextEpoch(5)
	require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operator, 10*onePoint))
	f.nextEpoch(5)
	response, err := f.nodes.WithdrawRewards(f.ctx, &supernodetypes.MsgWithdrawRewards{
		Delegator: delegator.String(), Operator: operator.String(),
	})
	require.NoError(t, err)
	require.EqualValues(t, 131_250, response.Amount.Int64())
	require.EqualValues(t, 43_750, f.earned(operator))
}

// A payment that fails costs no other operator anything, and stays in the treasury.
func TestFailedPayoutIsGivenUp(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	operators := f.register(2)
	f.nextEpoch(5)
	for _, operator := range operators {
		require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operator, 5*onePoint))
	}
	// A pool whose reward index cannot grow any more.
	pool := supernodetypes.NewPool(operators[0].String())
	_, err := pool.Delegate(math.OneInt())
	require.NoError(t, err)
	pool.CommissionPpm, pool.RewardIndex = 0, math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 255))
	pool.RewardCarry = pool.RewardIndex
	require.NoError(t, f.supernode.Pools.Set(f.ctx, operators[0], pool))
	before := f.left()
	f.seat(2)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	failed := typed[*types.EventItemFailed](f)
	require.Len(t, failed, 1)
	require.Equal(t, "epoch 1 of "+operators[0].String(), failed[0].Item)
	require.Zero(t, f.earned(operators[0]))
	require.EqualValues(t, 87_500, f.earned(operators[1]))
	require.Equal(t, before-87_500, f.left())
	require.Equal(t, types.EPOCH_STATUS_CLAIMABLE, f.rewards(1).Status)
	require.NoError(t, f.keeper.TreasuryInvariant(f.ctx))
}
