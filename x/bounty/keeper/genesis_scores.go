package keeper

import (
	"context"

	"cosmossdk.io/collections"

	errorsmod "cosmossdk.io/errors"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initScores writes the scores, clusters and sightings, and what leads to them.
func (k *Keeper) initScores(ctx context.Context, gs types.GenesisState) error {
	for _, score := range gs.Scores {
		if err := k.Scores.Set(ctx, score.Sha256, score); err != nil {
			return err
		}
		if err := k.ClusterMembers.Set(ctx, collections.Join(score.Cluster, score.Sha256)); err != nil {
			return err
		}
	}
	for _, cluster := range gs.Clusters {
		if err := k.Clusters.Set(ctx, cluster.Id, cluster); err != nil {
			return err
		}
		if err := k.ClusterExpiry.Set(ctx, collections.Join(cluster.ExpiryTime, cluster.Id)); err != nil {
			return err
		}
	}
	for _, key := range gs.Keys {
		if err := k.setKey(ctx, key); err != nil {
			return err
		}
	}
	for _, credit := range gs.Credits {
		if err := k.Credits.Set(ctx, collections.Join(credit.Height, credit.Sha256)); err != nil {
			return err
		}
	}
	return k.initSightings(ctx, gs)
}

func (k *Keeper) initSightings(ctx context.Context, gs types.GenesisState) error {
	for i, sighting := range gs.Sightings {
		operator, err := types.ParseAddress("operator", sighting.Operator)
		if err != nil {
			return errorsmod.Wrapf(err, "sightings[%d]", i)
		}
		if err := k.Sightings.Set(ctx, collections.Join(sighting.Sha256, operator)); err != nil {
			return err
		}
	}
	for i, count := range gs.SightingCounts {
		operator, err := types.ParseAddress("operator", count.Operator)
		if err != nil {
			return errorsmod.Wrapf(err, "sighting_counts[%d]", i)
		}
		if err := k.SightingCounts.Set(ctx, collections.Join(count.Epoch, operator), count.Sightings); err != nil {
			return err
		}
	}
	return nil
}

// exportScores reads the scores, clusters and sightings.
func (k *Keeper) exportScores(ctx context.Context, gs *types.GenesisState) error {
	err := k.Scores.Walk(ctx, nil, func(_ []byte, score types.Score) (bool, error) {
		gs.Scores = append(gs.Scores, score)
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Clusters.Walk(ctx, nil, func(_ []byte, cluster types.Cluster) (bool, error) {
		gs.Clusters = append(gs.Clusters, cluster)
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Keys.Walk(ctx, nil, func(key similarityKey, cluster []byte) (bool, error) {
		gs.Keys = append(gs.Keys, types.SimilarityKey{Slot: key.K1(), Key: key.K2(), Cluster: cluster})
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Credits.Walk(ctx, nil, func(key creditKey) (bool, error) {
		gs.Credits = append(gs.Credits, types.Credit{Height: key.K1(), Sha256: key.K2()})
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.exportSightings(ctx, gs)
}

func (k *Keeper) exportSightings(ctx context.Context, gs *types.GenesisState) error {
	err := k.Sightings.Walk(ctx, nil, func(key hashAddress) (bool, error) {
		gs.Sightings = append(gs.Sightings, types.Sighting{Sha256: key.K1(), Operator: key.K2().String()})
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.SightingCounts.Walk(ctx, nil, func(key workKey, sightings uint32) (bool, error) {
		gs.SightingCounts = append(gs.SightingCounts, types.SightingCount{Epoch: key.K1(), Operator: key.K2().String(), Sightings: sightings})
		return false, nil
	})
}
