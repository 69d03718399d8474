package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

// InitGenesis writes the state. The bank must have its state already.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	// The account of the sale exists from the start, also where nothing is for sale.
	k.accounts.GetModuleAccount(ctx, types.ModuleName)
	for _, part := range []func(context.Context, types.GenesisState) error{
		k.initPrices, k.initBundles, k.initOrders, k.initSubscriptions, k.initSale, k.initFeeds,
	} {
		if err := part(ctx, gs); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis reads the state in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	for _, part := range []func(context.Context, *types.GenesisState) error{
		k.exportPrices, k.exportBundles, k.exportOrders, k.exportSubscriptions, k.exportSale, k.exportFeeds,
	} {
		if err := part(ctx, gs); err != nil {
			return nil, err
		}
	}
	return gs, nil
}
