package keeper

import "context"

func (k *Keeper) SubscriptionsInvariant(ctx context.Context) error { return nil }
