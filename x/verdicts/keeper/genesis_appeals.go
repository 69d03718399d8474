package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// initAppeals sets the appeals with the queues they wait in, and the truths.
func (k *Keeper) initAppeals(ctx context.Context, gs types.GenesisState) error {
	for _, appeal := range gs.Appeals {
		if err := k.queueAppeal(ctx, appeal); err != nil {
			return err
		}
	}
	for _, truth := range gs.Truths {
		if err := k.Truths.Set(ctx, truth.Sha256, uint32(truth.Outcome)); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportAppeals(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Appeals, err = values(ctx, k.Appeals); err != nil {
		return err
	}
	return k.Truths.Walk(ctx, nil, func(sha256 []byte, outcome uint32) (bool, error) {
		gs.Truths = append(gs.Truths, types.Truth{Sha256: sha256, Outcome: types.Outcome(outcome)})
		return false, nil
	})
}
