package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// EpochRewards returns what a settled epoch paid for; collections.ErrNotFound for others.
func (k *Keeper) EpochRewards(ctx context.Context, epoch uint64) (types.EpochRewards, error) {
	next, err := k.NextEpoch.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return types.EpochRewards{}, err
	}
	if epoch >= next {
		return types.EpochRewards{}, collections.ErrNotFound
	}
	return k.Epochs.Get(ctx, epoch)
}

// EpochPoints returns what a contributor earned in an epoch that is not closed; 0 when
// that is nothing.
func (k *Keeper) EpochPoints(ctx context.Context, contributor sdk.AccAddress, epoch uint64) (uint64, error) {
	points, err := k.Points.Get(ctx, collections.Join(contributor, epoch))
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return points.Points, err
}
