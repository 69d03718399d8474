package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initTreasury writes the books of the treasury.
func (k *Keeper) initTreasury(ctx context.Context, gs types.GenesisState) error { return nil }

// exportTreasury reads the books of the treasury.
func (k *Keeper) exportTreasury(ctx context.Context, gs *types.GenesisState) error { return nil }
