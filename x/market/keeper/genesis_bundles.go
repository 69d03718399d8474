package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

// initBundles writes the bundles.
func (k *Keeper) initBundles(ctx context.Context, gs types.GenesisState) error {
	for _, bundle := range gs.Bundles {
		if err := k.Bundles.Set(ctx, bundle.Id, bundle); err != nil {
			return err
		}
	}
	return nil
}

// exportBundles reads the bundles in the order of their ids.
func (k *Keeper) exportBundles(ctx context.Context, gs *types.GenesisState) error {
	bundles, err := k.Bundles.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	gs.Bundles, err = bundles.Values()
	return err
}
