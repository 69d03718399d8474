package keeper

import "context"

// ScoresInvariant: scores, clusters and queues agree with each other.
func (k *Keeper) ScoresInvariant(ctx context.Context) error { return nil }
