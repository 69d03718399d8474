package keeper

import (
	"bytes"
	"context"
	"fmt"

	"cosmossdk.io/collections"

	errorsmod "cosmossdk.io/errors"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// ScoresInvariant: scores, clusters and queues agree with each other. What a genesis must
// hold is checked as there; here are the records that are made from it.
func (k *Keeper) ScoresInvariant(ctx context.Context) error {
	gs := types.DefaultGenesis()
	if err := k.exportScores(ctx, gs); err != nil {
		return brokenScores("%s", err)
	}
	if err := gs.ValidateScores(); err != nil {
		return brokenScores("%s", err)
	}
	for _, check := range []func(context.Context, *types.GenesisState) error{
		k.checkScoreKeys, k.checkClusterMembers, k.checkClusterKeys, k.checkClusterExpiry,
	} {
		if err := check(ctx, gs); err != nil {
			return err
		}
	}
	return nil
}

// checkScoreKeys: every score and cluster is under its own hash.
func (k *Keeper) checkScoreKeys(ctx context.Context, _ *types.GenesisState) error {
	err := k.Scores.Walk(ctx, nil, func(sha256 []byte, score types.Score) (bool, error) {
		if !bytes.Equal(sha256, score.Sha256) {
			return true, brokenScores("score of %x is under %x", score.Sha256, sha256)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Clusters.Walk(ctx, nil, func(id []byte, cluster types.Cluster) (bool, error) {
		if !bytes.Equal(id, cluster.Id) {
			return true, brokenScores("cluster %x is under %x", cluster.Id, id)
		}
		return false, nil
	})
}

// checkClusterMembers: the members of the clusters are exactly the samples with a score.
func (k *Keeper) checkClusterMembers(ctx context.Context, gs *types.GenesisState) error {
	for _, score := range gs.Scores {
		listed, err := k.ClusterMembers.Has(ctx, collections.Join(score.Cluster, score.Sha256))
		if err != nil || !listed {
			return brokenScores("%x is no member of its cluster %x (error %v)", score.Sha256, score.Cluster, err)
		}
	}
	return checkLength(ctx, k.ClusterMembers, "cluster_members", len(gs.Scores))
}

// checkClusterKeys: the keys are listed with their clusters, and nothing else is.
func (k *Keeper) checkClusterKeys(ctx context.Context, gs *types.GenesisState) error {
	for _, key := range gs.Keys {
		listed, err := k.ClusterKeys.Has(ctx, collections.Join3(key.Cluster, key.Slot, key.Key))
		if err != nil || !listed {
			return brokenScores("key %x in slot %d is not listed with cluster %x (error %v)", key.Key, key.Slot, key.Cluster, err)
		}
	}
	return checkLength(ctx, k.ClusterKeys, "cluster_keys", len(gs.Keys))
}

// checkClusterExpiry: each cluster waits once to be forgotten, at its time.
func (k *Keeper) checkClusterExpiry(ctx context.Context, gs *types.GenesisState) error {
	for _, cluster := range gs.Clusters {
		queued, err := k.ClusterExpiry.Has(ctx, collections.Join(cluster.ExpiryTime, cluster.Id))
		if err != nil || !queued {
			return brokenScores("cluster %x does not wait to be forgotten at %d (error %v)", cluster.Id, cluster.ExpiryTime, err)
		}
	}
	return checkLength(ctx, k.ClusterExpiry, "cluster_expiry", len(gs.Clusters))
}

// checkLength wants a set of want keys.
func checkLength[K any](ctx context.Context, set collections.KeySet[K], name string, want int) error {
	entries := 0
	err := set.Walk(ctx, nil, func(K) (bool, error) {
		entries++
		return false, nil
	})
	if err == nil && entries != want {
		err = brokenScores("%s has %d entries, want %d", name, entries, want)
	}
	return err
}

func brokenScores(format string, args ...any) error {
	return errorsmod.Wrap(types.ErrInvariant, fmt.Sprintf("scores: "+format, args...))
}
