package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initBounties writes the bounties.
func (k *Keeper) initBounties(ctx context.Context, gs types.GenesisState) error { return nil }

// exportBounties reads the bounties.
func (k *Keeper) exportBounties(ctx context.Context, gs *types.GenesisState) error { return nil }
