package keeper_test

import (
	"context"
	"slices"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/market/types"
)

// setPrice changes what a product costs from now on.
func (f *planFixture) setPrice(id string, price uint64) {
	f.t.Helper()
	f.setParams(func(params *types.Params) {
		i := slices.IndexFunc(params.Products, func(p types.Product) bool { return p.Id == id })
		fixPrice(&params.Products[i], price)
	})
	stored, err := f.keeper.Prices.Get(f.ctx, id)
	if err != nil {
		require.ErrorIs(f.t, err, collections.ErrNotFound)
		return
	}
	stored.Price = price
	require.NoError(f.t, f.keeper.Prices.Set(f.ctx, id, stored))
}

// fixPrice keeps demand from moving a price.
func fixPrice(product *types.Product, price uint64) {
	product.Floor, product.InitialPrice, product.Ceiling = price, price, price
}

// tx runs a handler as a transaction: its writes stay only if it succeeds.
func (f *planFixture) tx(run func(ctx context.Context) error) error {
	ctx, write := f.ctx.CacheContext()
	err := run(ctx)
	if err == nil {
		write()
	}
	return err
}

// subscribe agrees to any price.
func (f *planFixture) subscribe(buyer sdk.AccAddress, product string, periods uint32) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.Subscribe(ctx, &types.MsgSubscribe{
			Buyer: buyer.String(), Product: product, Periods: periods, MaxPrice: sdk.NewInt64Coin(types.Denom, 1<<50),
		})
		return err
	})
}

func (f *planFixture) cancel(buyer sdk.AccAddress, product string) (refund int64, err error) {
	err = f.tx(func(ctx context.Context) error {
		response, err := f.msgs.CancelSubscription(ctx, &types.MsgCancelSubscription{Buyer: buyer.String(), Product: product})
		if err == nil {
			refund = response.Refund.Int64()
		}
		return err
	})
	return refund, err
}

// subscriptions are those of a buyer as the query shows them.
func (f *planFixture) subscriptions(buyer sdk.AccAddress) []types.Subscription {
	f.t.Helper()
	response, err := f.queries.Subscriptions(f.ctx, &types.QuerySubscriptionsRequest{Buyer: buyer.String()})
	require.NoError(f.t, err)
	return response.Subscriptions
}

// only is the one subscription of a buyer.
func (f *planFixture) only(buyer sdk.AccAddress) types.Subscription {
	f.t.Helper()
	subscriptions := f.subscriptions(buyer)
	require.Len(f.t, subscriptions, 1)
	return subscriptions[0]
}

// pay buys one period for an amount and lets the block begin and pay it.
func (f *planFixture) pay(amount uint64) {
	f.t.Helper()
	f.setPrice("feed/urls", amount)
	require.NoError(f.t, f.subscribe(planRival, "feed/urls", 1))
	f.endBlock(planDay)
	f.endBlock(time.Second)
	require.Empty(f.t, f.subscriptions(planRival))
}

// pool is the amount and the balance of the royalties of an epoch.
func (f *planFixture) pool(epoch uint64) (amount, held int64) {
	f.t.Helper()
	held = f.balance(types.PoolAddress(epoch))
	pool, err := f.keeper.Pools.Get(f.ctx, epoch)
	if err != nil {
		require.ErrorIs(f.t, err, collections.ErrNotFound)
		return 0, held
	}
	return pool.Amount.Int64(), held
}

// earn gives points in the running epoch as x/bounty does.
func (f *planFixture) earn(contributor sdk.AccAddress, points uint64) {
	f.t.Helper()
	before, err := f.bounty.EpochPoints(f.ctx, contributor, f.epoch)
	require.NoError(f.t, err)
	require.NoError(f.t, f.bounty.Points.Set(f.ctx, collections.Join(contributor, f.epoch), bountytypes.Points{
		Contributor: contributor.String(), Epoch: f.epoch, Points: before + points, Claimed: math.ZeroInt(),
	}))
	require.NoError(f.t, f.bounty.PointsByEpoch.Set(f.ctx, collections.Join(f.epoch, contributor)))
	rewards, err := f.bounty.Epochs.Get(f.ctx, f.epoch)
	if err != nil {
		require.ErrorIs(f.t, err, collections.ErrNotFound)
		rewards = bountytypes.NewEpochRewards(f.epoch)
	}
	rewards.ContributorPoints += points
	require.NoError(f.t, f.bounty.Epochs.Set(f.ctx, f.epoch, rewards))
}

func (f *planFixture) claim(contributor sdk.AccAddress) (amount int64, epochs uint32, err error) {
	err = f.tx(func(ctx context.Context) error {
		response, err := f.msgs.ClaimRoyalties(ctx, &types.MsgClaimRoyalties{Contributor: contributor.String()})
		if err == nil {
			amount, epochs = response.Amount.Int64(), response.Epochs
		}
		return err
	})
	return amount, epochs, err
}

// planEvents gives the typed events of one kind of the current block, in order.
func planEvents[E proto.Message](f *planFixture) (found []E) {
	f.t.Helper()
	for _, event := range f.ctx.EventManager().ABCIEvents() {
		message, err := sdk.ParseTypedEvent(event)
		if err != nil {
			continue // an untyped event of the bank
		}
		if of, ok := message.(E); ok {
			found = append(found, of)
		}
	}
	return found
}
