package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

func (k *Keeper) initOrders(ctx context.Context, gs types.GenesisState) error { return nil }

func (k *Keeper) exportOrders(ctx context.Context, gs *types.GenesisState) error { return nil }
