package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/market/types"
)

// OrdersInvariant: each order has its money until it ends, was divided without a rest when
// it was paid, and stands in every queue that it should and in no other.
func (k *Keeper) OrdersInvariant(ctx context.Context) error {
	for _, check := range []func(context.Context) error{
		k.checkEscrows, k.checkSplits, k.checkOrderQueues,
	} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// checkEscrows: the escrow of an order that has not ended holds at least its price. It may
// hold more, because anybody can send coins to it.
func (k *Keeper) checkEscrows(ctx context.Context) error {
	return k.Orders.Walk(ctx, nil, func(id []byte, order types.Order) (bool, error) {
		if order.Status.Ended() {
			return false, nil
		}
		held := k.bank.GetBalance(ctx, types.EscrowAddress(id), types.Denom).Amount
		if held.LT(order.Price) {
			return true, types.ErrInvariant.Wrapf("order %x is %s for %s, its escrow holds %s", id, order.Status, order.Price, held)
		}
		return false, nil
	})
}

// checkSplits: what an order was divided into is its price, or nothing if it was not paid.
func (k *Keeper) checkSplits(ctx context.Context) error {
	return k.Orders.Walk(ctx, nil, func(id []byte, order types.Order) (bool, error) {
		if err := order.ValidateSplit(); err != nil {
			return true, types.ErrInvariant.Wrapf("order %x: %s", id, err)
		}
		return false, nil
	})
}

// checkOrderQueues: open orders are among the deliveries of who is assigned, those that have
// not ended are due once, those that have expire once, and all are among their buyer's.
func (k *Keeper) checkOrderQueues(ctx context.Context) error {
	orders, open, running := 0, 0, 0
	err := k.Orders.Walk(ctx, nil, func(id []byte, order types.Order) (bool, error) {
		orders++
		buyer, err := types.ParseAddress("buyer", order.Buyer)
		if err != nil {
			return true, err
		}
		listed, err := k.OrdersByBuyer.Has(ctx, collections.Join3(buyer, order.OrderedHeight, id))
		if err == nil && !listed {
			err = types.ErrInvariant.Wrapf("order %x is not among those of %s at %d", id, order.Buyer, order.OrderedHeight)
		}
		if err != nil || order.Status.Ended() {
			return err != nil, err
		}
		running++
		queued, err := k.Due.Has(ctx, collections.Join(order.DueHeight, id))
		if err == nil && !queued {
			err = types.ErrInvariant.Wrapf("order %x is %s, but not in the queue of %d", id, order.Status, order.DueHeight)
		}
		if err != nil || order.Status != types.ORDER_STATUS_OPEN {
			return err != nil, err
		}
		open++
		return false, k.checkAssigned(ctx, order)
	})
	if err != nil {
		return err
	}
	if err := k.checkExpiring(ctx, orders-running); err != nil {
		return err
	}
	for _, queue := range []struct {
		name    string
		entries func() (int, error)
		want    int
	}{
		{"orders_by_buyer", func() (int, error) { return count(ctx, k.OrdersByBuyer) }, orders},
		{"deliveries", func() (int, error) { return count(ctx, k.Deliveries) }, open},
		{"due", func() (int, error) { return count(ctx, k.Due) }, running},
	} {
		have, err := queue.entries()
		if err != nil {
			return err
		}
		if have != queue.want {
			return types.ErrInvariant.Wrapf("%s has %d entries, the orders account for %d", queue.name, have, queue.want)
		}
	}
	return nil
}

func (k *Keeper) checkAssigned(ctx context.Context, order types.Order) error {
	operator, err := types.ParseAddress("operator", order.Operator)
	if err != nil {
		return err
	}
	assigned, err := k.Deliveries.Has(ctx, collections.Join(operator, order.Id))
	if err == nil && !assigned {
		err = types.ErrInvariant.Wrapf("order %x is open, but not among the deliveries of %s", order.Id, order.Operator)
	}
	return err
}

// checkExpiring: the queue of what expires has each ended order, once. When, the parameter
// of the time told at which it ended.
func (k *Keeper) checkExpiring(ctx context.Context, ended int) error {
	queued := make(map[string]bool) // only looked up
	err := k.OrderExpiry.Walk(ctx, nil, func(key dueKey) (bool, error) {
		order, err := k.order(ctx, key.K2())
		if err != nil || !order.Status.Ended() || queued[string(key.K2())] {
			return true, types.ErrInvariant.Wrapf("order %x expires at %d, but is %s, or expires twice (error %v)", key.K2(), key.K1(), order.Status, err)
		}
		queued[string(key.K2())] = true
		return false, nil
	})
	if err == nil && len(queued) != ended {
		err = types.ErrInvariant.Wrapf("%d orders expire, %d have ended", len(queued), ended)
	}
	return err
}

func count[K any](ctx context.Context, entries collections.KeySet[K]) (n int, err error) {
	err = entries.Walk(ctx, nil, func(K) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}
