package keeper_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// With two dues a block, five buyers who came at once are served in three.
func TestDuesAreBounded(t *testing.T) {
	f := newPlanFixture(t)
	f.setParams(func(params *types.Params) { params.MaxDuesPerBlock = 2 })
	for i := range 5 {
		buyer := planRole(string(rune('a' + i)))
		f.fund(buyer, basicPrice)
		require.NoError(t, f.subscribe(buyer, basic, 1))
	}
	for _, want := range []int64{2, 4, 5, 5} {
		f.endBlock(time.Second)
		amount, _ := f.pool(1)
		require.Equal(t, want*basicPrice*4/10, amount)
	}
}

// After a halt of several periods each of them is paid in a block of its own, and the
// buyer can have back what was not yet.
func TestHaltOfSeveralPeriods(t *testing.T) {
	f := newPlanFixture(t)
	begin := f.ctx.BlockTime()
	require.NoError(t, f.subscribe(planBuyer, basic, 10))
	f.endBlock(5*planMonth + time.Hour) // which is four periods too late
	for left := uint32(8); left >= 4; left-- {
		f.endBlock(time.Second)
		got := f.only(planBuyer)
		require.Equal(t, left, got.PeriodsLeft)
		require.Equal(t, begin.Add(time.Duration(10-left)*planMonth).Unix(), got.DueTime)
	}
	f.endBlock(time.Second)
	require.EqualValues(t, 4, f.only(planBuyer).PeriodsLeft, "the sixth period runs")

	f.endBlock(3 * planMonth)
	refund, err := f.cancel(planBuyer, basic)
	require.NoError(t, err)
	require.Equal(t, 4*basicPrice, refund)
	f.endBlock(time.Second)
	require.Empty(t, f.subscriptions(planBuyer))
	require.Equal(t, planFunds-6*basicPrice, f.balance(planBuyer))
}

// What was bought keeps its price, quotas, length and rates, whatever becomes of the product.
func TestRunningSubscriptionKeepsWhatItCopied(t *testing.T) {
	for name, change := range map[string]func(*types.Params){
		"changed": func(params *types.Params) {
			i := slices.IndexFunc(params.Products, func(p types.Product) bool { return p.Id == basic })
			fixPrice(&params.Products[i], 7)
			params.Products[i].Quotas, params.Products[i].PeriodSeconds = types.Quotas{LookupsPerDay: 1}, 60
			params.Rates = types.Rates{}
			params.MaxPeriods = 1
		},
		"removed": func(params *types.Params) { params.Products = nil },
	} {
		t.Run(name, func(t *testing.T) {
			f := newPlanFixture(t)
			require.NoError(t, f.subscribe(planBuyer, basic, 3))
			f.endBlock(planMonth)
			before := f.only(planBuyer)
			f.setParams(change)
			f.endBlock(planMonth)
			got := f.only(planBuyer)
			require.Equal(t, before.DueTime+int64(planMonth/time.Second), got.DueTime)
			require.Equal(t, before.Quotas, got.Quotas)
			amount, _ := f.pool(1)
			require.Equal(t, 2*basicPrice*4/10, amount)
			require.Error(t, f.subscribe(planBuyer, basic, 1))
			refund, err := f.cancel(planBuyer, basic)
			require.NoError(t, err)
			require.Equal(t, basicPrice, refund)
			f.endBlock(time.Second)
			require.Empty(t, f.subscriptions(planBuyer))
		})
	}
}

// An extension copies the product as it is now.
func TestExtensionRenewsWhatIsCopied(t *testing.T) {
	f := newPlanFixture(t)
	require.NoError(t, f.subscribe(planBuyer, basic, 2))
	f.endBlock(time.Second)
	due := f.only(planBuyer).DueTime
	quotas := types.Quotas{LookupsPerDay: 2_000}
	f.setParams(func(params *types.Params) {
		i := slices.IndexFunc(params.Products, func(p types.Product) bool { return p.Id == basic })
		params.Products[i].Quotas, params.Products[i].PeriodSeconds = quotas, 60
		params.Rates = types.Rates{ContributorPpm: 1_000_000}
	})
	require.NoError(t, f.subscribe(planBuyer, basic, 1))
	require.Equal(t, quotas, f.only(planBuyer).Quotas)
	require.Equal(t, due, f.only(planBuyer).DueTime)
	f.endBlock(planMonth)
	f.endBlock(time.Second)
	require.Equal(t, due+60, f.only(planBuyer).DueTime)
	amount, _ := f.pool(1)
	require.Equal(t, basicPrice*4/10+basicPrice, amount)
}

// The share of supernodes that nobody can be paid is burned.
func TestPeriodsWithoutSupernodes(t *testing.T) {
	f := newBarePlanFixture(t)
	f.fund(planBuyer, basicPrice)
	supply := f.supply()
	require.NoError(t, f.subscribe(planBuyer, basic, 1))
	f.endBlock(time.Second)
	amount, held := f.pool(0)
	require.Equal(t, basicPrice*4/10, amount)
	require.Equal(t, basicPrice*4/10, held)
	require.Equal(t, basicPrice*6/10, supply-f.supply())
}

// One supernode that cannot be paid costs neither the others nor the buyer anything.
func TestSupernodeThatCannotBePaid(t *testing.T) {
	for name, spoil := range map[string]func(*planFixture, sdk.AccAddress) error{
		"gone": func(f *planFixture, operator sdk.AccAddress) error {
			return f.supernode.Supernodes.Remove(f.ctx, operator)
		},
		"broken": func(f *planFixture, operator sdk.AccAddress) error {
			// A pool whose reward index cannot grow any more.
			pool := supernodetypes.NewPool(operator.String())
			if _, err := pool.Delegate(math.OneInt()); err != nil {
				return err
			}
			pool.CommissionPpm, pool.RewardIndex = 0, math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 255))
			pool.RewardCarry = pool.RewardIndex
			return f.supernode.Pools.Set(f.ctx, operator, pool)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newPlanFixture(t)
			require.NoError(t, spoil(f, f.operators[1]))
			supply := f.supply()
			require.NoError(t, f.subscribe(planBuyer, basic, 1))
			require.NoError(t, f.keeper.EndBlock(f.ctx))
			third := int64(16_666_666)
			for i, operator := range f.operators {
				require.Equal(t, i != 1, f.earned(operator) == third)
			}
			require.Equal(t, basicPrice-40_000_000-2*third, supply-f.supply())
			paid := planEvents[*types.EventPeriodPaid](f)
			require.Len(t, paid, 1)
			require.Equal(t, "33333332", paid[0].Served)
			require.Equal(t, "26666668", paid[0].Burned)
		})
	}
}

// A period that cannot be paid loses nothing: it is put off by an hour.
func TestPeriodThatFailsIsPutOff(t *testing.T) {
	f := newPlanFixture(t)
	require.NoError(t, f.subscribe(planBuyer, basic, 2))
	require.NoError(t, f.subscribe(planRival, basic, 2))
	account := types.PlanAddress(planBuyer, basic)
	lost := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 2*basicPrice))
	require.NoError(t, f.bank.SendCoins(f.ctx, account, planFinder, lost))
	begin := f.ctx.BlockTime()
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Len(t, planEvents[*types.EventPeriodPaid](f), 1)
	require.EqualValues(t, 1, f.only(planRival).PeriodsLeft)
	require.EqualValues(t, 2, f.only(planBuyer).PeriodsLeft)
	require.ErrorIs(t, f.keeper.AllInvariants(f.ctx), types.ErrInvariant)
	amount, _ := f.pool(1)
	require.Equal(t, basicPrice*4/10, amount)

	require.NoError(t, f.bank.SendCoins(f.ctx, planFinder, account, lost))
	f.endBlock(time.Hour)
	require.EqualValues(t, 2, f.only(planBuyer).PeriodsLeft)
	f.endBlock(time.Second)
	require.EqualValues(t, 1, f.only(planBuyer).PeriodsLeft)
	require.Equal(t, begin.Add(time.Hour+planMonth).Unix(), f.only(planBuyer).DueTime)
}

// A due of a subscription that is gone stops nothing.
func TestDueOfNothing(t *testing.T) {
	f := newPlanFixture(t)
	require.NoError(t, f.keeper.SubscriptionDue.Set(f.ctx, collections.Join3(int64(1), planBuyer, basic)))
	require.NoError(t, f.subscribe(planRival, basic, 1))
	f.endBlock(time.Second)
	require.Zero(t, f.only(planRival).PeriodsLeft)
}

// What somebody sent to the account of a subscription is the buyer's in the end.
func TestGiftsToASubscription(t *testing.T) {
	f := newPlanFixture(t)
	require.NoError(t, f.subscribe(planBuyer, basic, 1))
	f.fund(types.PlanAddress(planBuyer, basic), 5)
	f.endBlock(planMonth)
	f.endBlock(time.Second)
	require.Empty(t, f.subscriptions(planBuyer))
	require.Equal(t, planFunds-basicPrice+5, f.balance(planBuyer))
}
