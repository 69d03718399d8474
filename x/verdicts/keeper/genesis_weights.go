package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// initWeights sets the weights and what the next ones are made of.
func (k *Keeper) initWeights(ctx context.Context, gs types.GenesisState) error {
	for _, table := range gs.Weights {
		if err := k.Weights.Set(ctx, table.Epoch, table); err != nil {
			return err
		}
	}
	for _, window := range gs.Windows {
		operator, err := sdk.AccAddressFromBech32(window.Operator)
		if err != nil {
			return err
		}
		if err := k.Windows.Set(ctx, collections.Join(operator, window.Engine), window); err != nil {
			return err
		}
	}
	if gs.WindowPosition == 0 {
		return nil
	}
	return k.WindowPosition.Set(ctx, gs.WindowPosition)
}

func (k *Keeper) exportWeights(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Weights, err = values(ctx, k.Weights); err != nil {
		return err
	}
	if gs.Windows, err = values(ctx, k.Windows); err != nil {
		return err
	}
	gs.WindowPosition, err = k.WindowPosition.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	return err
}
