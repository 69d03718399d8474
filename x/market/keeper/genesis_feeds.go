package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

func (k *Keeper) initFeeds(ctx context.Context, gs types.GenesisState) error { return nil }

func (k *Keeper) exportFeeds(ctx context.Context, gs *types.GenesisState) error { return nil }
