package keeper

import "context"

// EndBlock gives points, pays epochs and ends bounties; each step is bounded by its
// parameter.
func (k *Keeper) EndBlock(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		k.giveCredits, k.settleEpochs, k.closeEpochs, k.endBounties, k.expireClusters,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
