package keeper

import "context"

// AllInvariants walks the state and returns the first rule that is broken.
func (k *Keeper) AllInvariants(ctx context.Context) error {
	for _, invariant := range []func(context.Context) error{
		k.PricesInvariant, k.OrdersInvariant, k.SubscriptionsInvariant, k.SaleInvariant, k.FeedsInvariant,
	} {
		if err := invariant(ctx); err != nil {
			return err
		}
	}
	return nil
}
