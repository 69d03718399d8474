package keeper

import "context"

// prune drops what is too old to be of use.
func (k *Keeper) prune(ctx context.Context) error {
	for _, old := range []func(context.Context) error{k.pruneOrders, k.pruneClaims, k.pruneFeeds} {
		if err := old(ctx); err != nil {
			return err
		}
	}
	return nil
}
