package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

// What orders, closings and EndBlock call of the prices and bundles.

func (k *Keeper) CountOrders(ctx context.Context) error { return k.countOrders(ctx) }

func (k *Keeper) MovePrices(ctx context.Context) error { return k.movePrices(ctx) }

func (k *Keeper) LeaveBook(ctx context.Context, order types.Order) error {
	return k.leaveBook(ctx, order)
}

func (k *Keeper) AddDemand(ctx context.Context, product string, count uint64) error {
	return k.addDemand(ctx, product, count)
}

func (k *Keeper) RequireWhole(ctx context.Context, bundle []byte, items []types.Item) error {
	return k.requireWhole(ctx, bundle, items)
}
