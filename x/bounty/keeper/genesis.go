package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// InitGenesis writes the state. The bank must have its state already.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.checkSupply(ctx, gs); err != nil {
		return err
	}
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	// The treasury exists from the start, also while it is empty.
	k.accounts.GetModuleAccount(ctx, types.ModuleName)
	for _, part := range []func(context.Context, types.GenesisState) error{
		k.initSupply, k.initTreasury, k.initScores, k.initBounties,
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
	gs := types.DefaultGenesis()
	gs.Params = params
	for _, part := range []func(context.Context, *types.GenesisState) error{
		k.exportSupply, k.exportTreasury, k.exportScores, k.exportBounties,
	} {
		if err := part(ctx, gs); err != nil {
			return nil, err
		}
	}
	return gs, nil
}
