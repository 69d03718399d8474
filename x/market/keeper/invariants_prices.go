package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

// PricesInvariant: prices are within the bounds of their products, and say of what is on
// order what the orders that were counted and have not ended sum up to.
func (k *Keeper) PricesInvariant(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	book, err := k.book(ctx)
	if err != nil {
		return err
	}
	err = k.Prices.Walk(ctx, nil, func(product string, price types.Price) (bool, error) {
		if product != price.Product {
			return true, types.ErrInvariant.Wrapf("price of %s: is stored as that of %s", price.Product, product)
		}
		if err := price.Validate(params); err != nil {
			return true, types.ErrInvariant.Wrap(err.Error())
		}
		return false, book.Check(price)
	})
	if err != nil {
		return err
	}
	return book.CheckRest()
}

// book adds up the orders. Those that are not counted yet must have not ended either.
func (k *Keeper) book(ctx context.Context) (types.Book, error) {
	book := make(types.Book)
	err := k.Orders.Walk(ctx, nil, func(id []byte, order types.Order) (bool, error) {
		uncounted, err := k.Uncounted.Has(ctx, id)
		if err != nil {
			return true, err
		}
		if !uncounted {
			book.Add(order)
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return book, k.Uncounted.Walk(ctx, nil, func(id []byte) (bool, error) {
		order, err := k.Orders.Get(ctx, id)
		if err != nil || !order.OnOrder() {
			return true, types.ErrInvariant.Wrapf("order %x: waits to be counted, but is %s (error %v)", id, order.Status, err)
		}
		return false, nil
	})
}
