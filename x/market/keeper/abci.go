package keeper

import "context"

// EndBlock ends orders, pays periods, moves prices and closes what is over; each step is
// bounded by its parameter.
func (k *Keeper) EndBlock(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		k.countOrders, k.closeOrders, k.payPeriods, k.movePrices, k.closePools,
		k.endTranches, k.packageFeeds, k.prune,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
