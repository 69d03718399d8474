package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/samples/types"
)

// StoredBytes is the size of all ciphertexts that must be stored: those that a round opened.
func (k *Keeper) StoredBytes(ctx context.Context) (uint64, error) {
	stored, err := k.Stored.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return stored, err
}

// Replication is how many supernodes must store each sample.
func (k *Keeper) Replication(ctx context.Context) (uint32, error) {
	params, err := k.Params.Get(ctx)
	return params.Replication, err
}

// ClaimWindowBlocks is how long a claim can be opened.
func (k *Keeper) ClaimWindowBlocks(ctx context.Context) (uint32, error) {
	params, err := k.Params.Get(ctx)
	return params.ClaimWindowBlocks, err
}

// countStored keeps the sum when a record changes from one state to another. A record
// is opened, and later dropped, in EndBlock, so that handlers do not meet in the sum;
// only the replacement of a sample that was opened once and is INVALID now does.
func (k *Keeper) countStored(ctx context.Context, before, after types.Sample) error {
	if before.StoredBytes() == after.StoredBytes() {
		return nil
	}
	stored, err := k.StoredBytes(ctx)
	if err != nil {
		return err
	}
	if stored = stored - before.StoredBytes() + after.StoredBytes(); stored == 0 {
		return k.Stored.Remove(ctx)
	}
	return k.Stored.Set(ctx, stored)
}

// checkStored: the sum is that of the records.
func (k *Keeper) checkStored(ctx context.Context) error {
	sum := uint64(0)
	err := k.Samples.Walk(ctx, nil, func(_ []byte, sample types.Sample) (bool, error) {
		sum += sample.StoredBytes()
		return false, nil
	})
	if err != nil {
		return err
	}
	stored, err := k.StoredBytes(ctx)
	if err == nil && stored != sum {
		err = broken("stored: %d bytes, the records have %d", stored, sum)
	}
	return err
}
