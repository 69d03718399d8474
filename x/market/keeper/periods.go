package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/market/types"
)

// putOffSeconds is when a period that could not be paid is tried again.
const putOffSeconds = 60 * 60

// payPeriods begins the periods of subscriptions that are due, at most max_dues_per_block,
// and ends those that have none left. A period that fails keeps its money and begins an
// hour later; that hour costs the buyer nothing.
func (k *Keeper) payPeriods(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	until := collections.NewPrefixUntilTripleRange[int64, sdk.AccAddress, string](now)
	due, err := endblock.Take(ctx, k.SubscriptionDue, until, int(params.MaxDuesPerBlock))
	if err != nil {
		return err
	}
	for _, key := range due {
		buyer, product := key.K2(), key.K3()
		failed := endblock.Isolate(ctx, fmt.Sprintf("period of %s of %s", product, buyer), func(ctx context.Context) error {
			return k.nextPeriod(ctx, params, buyer, product)
		})
		if failed == nil {
			continue
		}
		if err := k.putOffPeriod(ctx, buyer, product, now); err != nil {
			return err
		}
	}
	return nil
}

// nextPeriod pays for the period that begins where the last one ended. After a halt of
// several periods each of them is paid in a block of its own.
func (k *Keeper) nextPeriod(ctx context.Context, params types.Params, buyer sdk.AccAddress, product string) error {
	subscription, err := k.Subscriptions.Get(ctx, collections.Join(buyer, product))
	if err != nil {
		return err
	}
	if subscription.PeriodsLeft == 0 {
		return k.endSubscription(ctx, buyer, product)
	}
	paid, err := k.payShared(ctx, types.PlanAddress(buyer, product), subscription.Price, subscription.Rates)
	if err != nil {
		return err
	}
	subscription.PeriodsLeft--
	subscription.DueTime += int64(subscription.PeriodSeconds)
	if err := k.setSubscription(ctx, buyer, subscription); err != nil {
		return err
	}
	// Demand of what is not sold any more moves no price.
	if _, sold := params.Product(product); sold {
		if err := k.addDemand(ctx, product, 1); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventPeriodPaid{
		Buyer: subscription.Buyer, Product: product, UntilTime: subscription.DueTime, Epoch: paid.epoch,
		Royalties: paid.royalties.String(), Served: paid.served.String(), Burned: paid.burned.String(),
	})
}

// endSubscription removes a subscription. What others sent to its account is the buyer's.
func (k *Keeper) endSubscription(ctx context.Context, buyer sdk.AccAddress, product string) error {
	held := types.PlanAddress(buyer, product)
	if err := k.send(ctx, held, buyer, k.bank.GetBalance(ctx, held, types.Denom).Amount); err != nil {
		return err
	}
	if err := k.Subscriptions.Remove(ctx, collections.Join(buyer, product)); err != nil {
		return err
	}
	return emit(ctx, &types.EventSubscriptionEnded{Buyer: buyer.String(), Product: product})
}

// putOffPeriod queues a subscription again. One that is gone needs no queue.
func (k *Keeper) putOffPeriod(ctx context.Context, buyer sdk.AccAddress, product string, now int64) error {
	subscription, err := k.Subscriptions.Get(ctx, collections.Join(buyer, product))
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	subscription.DueTime = now + putOffSeconds
	return k.setSubscription(ctx, buyer, subscription)
}
