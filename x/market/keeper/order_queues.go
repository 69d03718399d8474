package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/market/types"
)

// insertOrder writes an order and enters it where its status wants it: among the deliveries
// while it is open, in the queue of what is due until it ends, then in that of what expires.
func (k *Keeper) insertOrder(ctx context.Context, order types.Order) error {
	buyer, err := types.ParseAddress("buyer", order.Buyer)
	if err != nil {
		return err
	}
	if err := k.Orders.Set(ctx, order.Id, order); err != nil {
		return err
	}
	if err := k.OrdersByBuyer.Set(ctx, collections.Join3(buyer, order.OrderedHeight, order.Id)); err != nil {
		return err
	}
	if order.Status.Ended() {
		return k.expireLater(ctx, order)
	}
	if order.Status == types.ORDER_STATUS_OPEN {
		operator, err := types.ParseAddress("operator", order.Operator)
		if err != nil {
			return err
		}
		if err := k.Deliveries.Set(ctx, collections.Join(operator, order.Id)); err != nil {
			return err
		}
	}
	return k.Due.Set(ctx, collections.Join(order.DueHeight, order.Id))
}

// expireLater queues an ended order for its removal.
func (k *Keeper) expireLater(ctx context.Context, order types.Order) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	return k.OrderExpiry.Set(ctx, collections.Join(order.EndedTime+int64(params.OrderRetentionSeconds), order.Id))
}

// requeue writes an order that has not ended, due at another height than before.
func (k *Keeper) requeue(ctx context.Context, order types.Order, due int64) error {
	if err := k.Due.Remove(ctx, collections.Join(order.DueHeight, order.Id)); err != nil {
		return err
	}
	order.DueHeight = due
	if err := k.Due.Set(ctx, collections.Join(due, order.Id)); err != nil {
		return err
	}
	return k.Orders.Set(ctx, order.Id, order)
}

// unassign takes an order out of what its assigned operator has to deliver.
func (k *Keeper) unassign(ctx context.Context, order types.Order) error {
	operator, err := types.ParseAddress("operator", order.Operator)
	if err != nil {
		return err
	}
	return k.Deliveries.Remove(ctx, collections.Join(operator, order.Id))
}

// removeOrder drops an ended order.
func (k *Keeper) removeOrder(ctx context.Context, id []byte) error {
	order, err := k.order(ctx, id)
	if err != nil {
		return err
	}
	buyer, err := types.ParseAddress("buyer", order.Buyer)
	if err != nil {
		return err
	}
	if err := k.OrdersByBuyer.Remove(ctx, collections.Join3(buyer, order.OrderedHeight, id)); err != nil {
		return err
	}
	return k.Orders.Remove(ctx, id)
}
