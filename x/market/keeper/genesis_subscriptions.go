package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

func (k *Keeper) initSubscriptions(ctx context.Context, gs types.GenesisState) error { return nil }

func (k *Keeper) exportSubscriptions(ctx context.Context, gs *types.GenesisState) error { return nil }
