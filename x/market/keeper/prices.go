package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

func (k *Keeper) countOrders(ctx context.Context) error { return nil }

func (k *Keeper) movePrices(ctx context.Context) error { return nil }

// leaveBook takes an ended order out of what is on order.
func (k *Keeper) leaveBook(ctx context.Context, order types.Order) error { return nil }

// currentPrice is what one of a product costs now.
func (k *Keeper) currentPrice(ctx context.Context, product types.Product) (uint64, error) {
	return product.InitialPrice, nil
}

// addDemand counts what was bought of a product; for use in EndBlock.
func (k *Keeper) addDemand(ctx context.Context, product string, count uint64) error { return nil }
