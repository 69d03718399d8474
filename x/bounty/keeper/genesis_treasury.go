package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initTreasury writes the books of the treasury.
func (k *Keeper) initTreasury(ctx context.Context, gs types.GenesisState) error {
	return k.Schedule.Set(ctx, gs.Schedule)
}

// exportTreasury reads the books of the treasury.
func (k *Keeper) exportTreasury(ctx context.Context, gs *types.GenesisState) (err error) {
	gs.Schedule, err = k.Schedule.Get(ctx)
	return err
}
