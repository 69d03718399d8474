package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

func (f *planFixture) export() *types.GenesisState {
	f.t.Helper()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return gs
}

// moveTo makes another chain from a state, with the money of this one and the same time.
func (f *planFixture) moveTo(gs *types.GenesisState) (*planFixture, error) {
	f.t.Helper()
	other := newBarePlanFixture(f.t)
	other.seat(f.epoch)
	other.ctx = other.ctx.WithBlockTime(f.ctx.BlockTime()).WithBlockHeight(f.ctx.BlockHeight())
	for _, subscription := range gs.Subscriptions {
		account := types.PlanAddress(sdk.MustAccAddressFromBech32(subscription.Buyer), subscription.Product)
		other.fund(account, f.balance(account))
	}
	for _, pool := range gs.Pools {
		other.fund(types.PoolAddress(pool.Epoch), f.balance(types.PoolAddress(pool.Epoch)))
	}
	return other, other.tx(func(ctx context.Context) error { return other.keeper.InitGenesis(ctx, *gs) })
}

// withPlans has a subscription that has not begun, one that runs, one that was cancelled,
// two pools of which one was claimed from, and a revocation.
func withPlans(t *testing.T) *planFixture {
	f := newPlanFixture(t)
	f.earn(planFinder, 5)
	f.earn(planHunter, 2)
	require.NoError(t, f.subscribe(planBuyer, basic, 3))
	require.NoError(t, f.subscribe(planBuyer, "plan/duet", 3))
	f.endBlock(time.Second)
	_, err := f.cancel(planBuyer, "plan/duet")
	require.NoError(t, err)
	f.nextEpoch()
	_, _, err = f.claim(planFinder)
	require.NoError(t, err)
	f.pay(1_000)
	_, err = f.msgs.RevokeApiKeys(f.ctx, &types.MsgRevokeApiKeys{Buyer: planRival.String()})
	require.NoError(t, err)
	require.NoError(t, f.subscribe(planRival, "feed/files", 2))
	return f
}

func TestPlansMoveToAnotherChain(t *testing.T) {
	f := withPlans(t)
	gs := f.export()
	require.Len(t, gs.Subscriptions, 3)
	require.Len(t, gs.Pools, 2)
	require.Len(t, gs.RoyaltyClaims, 1)
	require.Len(t, gs.Revocations, 1)
	other, err := f.moveTo(gs)
	require.NoError(t, err)
	require.NoError(t, other.keeper.AllInvariants(other.ctx))
	first, err := gs.Marshal()
	require.NoError(t, err)
	second, err := other.export().Marshal()
	require.NoError(t, err)
	require.Equal(t, first, second)

	// Both go on alike: the next periods begin when they should, and then all end.
	for range 6 {
		for _, chain := range []*planFixture{f, other} {
			require.NoError(t, chain.keeper.EndBlock(chain.ctx))
			chain.ctx = chain.ctx.WithBlockTime(chain.ctx.BlockTime().Add(20 * planDay))
		}
		require.Equal(t, f.export().Subscriptions, other.export().Subscriptions)
		require.Equal(t, f.export().Pools, other.export().Pools)
	}
	require.Empty(t, f.export().Subscriptions)
}

func TestPlansWithoutTheirMoneyAreRefused(t *testing.T) {
	for name, account := range map[string]sdk.AccAddress{
		"plan": types.PlanAddress(planBuyer, basic),
		"pool": types.PoolAddress(1),
	} {
		t.Run(name, func(t *testing.T) {
			f := withPlans(t)
			gs := f.export()
			one := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1))
			require.NoError(t, f.bank.SendCoins(f.ctx, account, planRival, one))
			_, err := f.moveTo(gs)
			require.ErrorIs(t, err, types.ErrInvariant)
			require.NoError(t, f.bank.SendCoins(f.ctx, planRival, account, one))
		})
	}
}

// Every rule of the invariant sees its damage.
func TestSubscriptionsInvariantSeesDamage(t *testing.T) {
	one := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1))
	key := collections.Join(planBuyer, basic)
	for name, damage := range map[string]func(f *planFixture, running types.Subscription) error{
		"stolen from a plan": func(f *planFixture, _ types.Subscription) error {
			return f.bank.SendCoins(f.ctx, types.PlanAddress(planBuyer, basic), planRival, one)
		},
		"stolen from a pool": func(f *planFixture, _ types.Subscription) error {
			return f.bank.SendCoins(f.ctx, types.PoolAddress(2), planRival, one)
		},
		"claimed and kept": func(f *planFixture, _ types.Subscription) error {
			return f.keeper.RoyaltyClaims.Remove(f.ctx, collections.Join(uint64(1), planFinder))
		},
		"more periods than paid": func(f *planFixture, s types.Subscription) error {
			s.PeriodsLeft++
			return f.keeper.Subscriptions.Set(f.ctx, key, s)
		},
		"impossible": func(f *planFixture, s types.Subscription) error {
			s.Kind = types.PRODUCT_KIND_SAMPLE
			return f.keeper.Subscriptions.Set(f.ctx, key, s)
		},
		"not queued": func(f *planFixture, s types.Subscription) error {
			return f.keeper.SubscriptionDue.Remove(f.ctx, collections.Join3(s.DueTime, planBuyer, basic))
		},
		"queued twice": func(f *planFixture, s types.Subscription) error {
			return f.keeper.SubscriptionDue.Set(f.ctx, collections.Join3(s.DueTime+1, planBuyer, basic))
		},
		"pool of the future": func(f *planFixture, _ types.Subscription) error {
			f.fund(types.PoolAddress(3), 1)
			return f.keeper.Pools.Set(f.ctx, 3, types.Pool{Epoch: 3, Amount: math.OneInt()})
		},
		"claim of nothing": func(f *planFixture, _ types.Subscription) error {
			return f.keeper.RoyaltyClaims.Set(f.ctx, collections.Join(uint64(0), planFinder), math.OneInt())
		},
		"closed and open": func(f *planFixture, _ types.Subscription) error {
			return f.keeper.ClosedPools.Set(f.ctx, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := withPlans(t)
			sound := f.ctx
			f.ctx, _ = f.ctx.CacheContext()
			require.NoError(t, f.keeper.SubscriptionsInvariant(f.ctx))
			running, err := f.keeper.Subscriptions.Get(f.ctx, key)
			require.NoError(t, err)
			require.NoError(t, damage(f, running))
			require.ErrorIs(t, f.keeper.SubscriptionsInvariant(f.ctx), types.ErrInvariant)
			f.ctx = sound
		})
	}
}
