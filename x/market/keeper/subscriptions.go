package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

// Subscribe pays for periods at the current price. Those of a running subscription that
// have not begun are bought anew with them: the buyer pays the difference, or gets it back.
func (s msgServer) Subscribe(ctx context.Context, msg *types.MsgSubscribe) (*types.MsgSubscribeResponse, error) {
	buyer, err := types.ParseAddress("buyer", msg.Buyer)
	if err != nil {
		return nil, err
	}
	params, err := s.Keeper.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	product, err := params.Subscribable(msg.Product)
	if err != nil {
		return nil, err
	}
	price, err := s.periodPrice(ctx, product, msg.MaxPrice)
	if err != nil {
		return nil, err
	}
	subscription, err := s.runningOrNew(ctx, buyer, product.Id)
	if err != nil {
		return nil, err
	}
	periods := uint64(subscription.PeriodsLeft) + uint64(msg.Periods)
	if msg.Periods == 0 || periods > uint64(params.MaxPeriods) {
		return nil, types.ErrInvalidSubscription.Wrapf("periods: %d and %d that are left, want 1..%d",
			msg.Periods, subscription.PeriodsLeft, params.MaxPeriods)
	}

	before := subscription.Prepaid()
	subscription.Renew(product, price, params.Rates, uint32(periods))
	if err := s.adjustPrepaid(ctx, buyer, product.Id, subscription.Prepaid().Sub(before)); err != nil {
		return nil, err
	}
	if err := s.setSubscription(ctx, buyer, subscription); err != nil {
		return nil, err
	}
	return &types.MsgSubscribeResponse{Price: price}, emit(ctx, &types.EventSubscribed{
		Buyer: msg.Buyer, Product: product.Id, Price: price.String(), PeriodsLeft: subscription.PeriodsLeft,
	})
}

// CancelSubscription returns the periods that have not begun. The one that runs is paid
// already and runs to its end.
func (s msgServer) CancelSubscription(ctx context.Context, msg *types.MsgCancelSubscription) (*types.MsgCancelSubscriptionResponse, error) {
	buyer, err := types.ParseAddress("buyer", msg.Buyer)
	if err != nil {
		return nil, err
	}
	subscription, err := s.Subscriptions.Get(ctx, collections.Join(buyer, msg.Product))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrNotFound.Wrapf("subscription of %s to %.32q", buyer, msg.Product)
	}
	if err != nil {
		return nil, err
	}
	if subscription.PeriodsLeft == 0 {
		return nil, types.ErrInvalidSubscription.Wrapf("%s has no period left to return", msg.Product)
	}

	refund := subscription.Prepaid()
	subscription.PeriodsLeft = 0
	if err := s.adjustPrepaid(ctx, buyer, msg.Product, refund.Neg()); err != nil {
		return nil, err
	}
	if err := s.setSubscription(ctx, buyer, subscription); err != nil {
		return nil, err
	}
	return &types.MsgCancelSubscriptionResponse{Refund: refund}, emit(ctx, &types.EventSubscriptionCancelled{
		Buyer: msg.Buyer, Product: msg.Product, Refund: refund.String(),
	})
}

// RevokeApiKeys voids the statements that the buyer signed until now, this second included.
func (s msgServer) RevokeApiKeys(ctx context.Context, msg *types.MsgRevokeApiKeys) (*types.MsgRevokeApiKeysResponse, error) {
	buyer, err := types.ParseAddress("buyer", msg.Buyer)
	if err != nil {
		return nil, err
	}
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	if err := s.Revocations.Set(ctx, buyer, now); err != nil {
		return nil, err
	}
	return &types.MsgRevokeApiKeysResponse{}, emit(ctx, &types.EventApiKeysRevoked{Buyer: msg.Buyer, Time: now})
}

// periodPrice is what a period costs now, which the buyer must have agreed to.
func (k *Keeper) periodPrice(ctx context.Context, product types.Product, maxPrice sdk.Coin) (math.Int, error) {
	if maxPrice.Denom != types.Denom || maxPrice.Amount.IsNil() || !maxPrice.Amount.IsPositive() {
		return math.Int{}, types.ErrInvalidAmount.Wrapf("max_price: %s, want a positive amount of %s", maxPrice, types.Denom)
	}
	current, err := k.currentPrice(ctx, product)
	if err != nil {
		return math.Int{}, err
	}
	price := math.NewIntFromUint64(current)
	if price.GT(maxPrice.Amount) {
		return math.Int{}, types.ErrPriceAboveMax.Wrapf("a period of %s costs %s%s, max_price is %s", product.Id, price, types.Denom, maxPrice)
	}
	return price, nil
}

// runningOrNew returns the running subscription of a buyer to a product, or one that
// begins now. One that is over and waits for EndBlock is begun anew: its buyer must not
// pay for the time that has passed since.
func (k *Keeper) runningOrNew(ctx context.Context, buyer sdk.AccAddress, product string) (types.Subscription, error) {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	subscription, err := k.Subscriptions.Get(ctx, collections.Join(buyer, product))
	if errors.Is(err, collections.ErrNotFound) || err == nil && subscription.IsOver(now) {
		return types.NewSubscription(buyer, now), nil
	}
	return subscription, err
}

// adjustPrepaid takes from the buyer what is owed for the periods that have not begun, or
// returns it when that is negative.
func (k *Keeper) adjustPrepaid(ctx context.Context, buyer sdk.AccAddress, product string, owed math.Int) error {
	held := types.PlanAddress(buyer, product)
	if owed.IsNegative() {
		return k.send(ctx, held, buyer, owed.Neg())
	}
	return k.send(ctx, buyer, held, owed)
}

// setSubscription writes a subscription and queues it for its due time alone.
func (k *Keeper) setSubscription(ctx context.Context, buyer sdk.AccAddress, subscription types.Subscription) error {
	key := collections.Join(buyer, subscription.Product)
	before, err := k.Subscriptions.Get(ctx, key)
	if err == nil {
		err = k.SubscriptionDue.Remove(ctx, collections.Join3(before.DueTime, buyer, subscription.Product))
	}
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if err := k.SubscriptionDue.Set(ctx, collections.Join3(subscription.DueTime, buyer, subscription.Product)); err != nil {
		return err
	}
	return k.Subscriptions.Set(ctx, key, subscription)
}
