package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/internal/endblock"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// join makes a sample the newest member of the cluster that it resembles, or the first one
// of a new cluster. operator is through whose gateway it came, empty for none.
func (k *Keeper) join(
	ctx context.Context, sha256 []byte, contributor, operator string, keys verdictstypes.SimilarityKeys,
	missedPpm uint32, params types.Params,
) (types.Cluster, error) {
	cluster, found, err := k.resembling(ctx, sha256, keys)
	if err != nil {
		return cluster, err
	}
	if !found {
		cluster = types.Cluster{Id: sha256, Contributor: contributor, Operator: operator, MissedPpm: missedPpm}
	}
	cluster.Members++
	if contributor != cluster.Contributor {
		cluster.AddSighter(operator)
	}
	if err := k.registerKeys(ctx, &cluster, keys); err != nil {
		return cluster, err
	}
	if err := k.foldSightings(ctx, &cluster, sha256); err != nil {
		return cluster, err
	}
	if err := k.ClusterMembers.Set(ctx, collections.Join(cluster.Id, sha256)); err != nil {
		return cluster, err
	}
	return cluster, k.prolong(ctx, &cluster, params)
}

// resembling returns the cluster to which the first of a sample's keys leads that leads to
// any. One that was the first member of a cluster before is of that cluster.
func (k *Keeper) resembling(ctx context.Context, sha256 []byte, keys verdictstypes.SimilarityKeys) (cluster types.Cluster, found bool, err error) {
	id := sha256
	for slot, key := range keys {
		if key == (verdictstypes.SimilarityKeys{})[slot] {
			continue // the sample does not have the feature
		}
		led, err := k.Keys.Get(ctx, collections.Join(uint32(slot), key[:]))
		if err == nil {
			id = led
			break
		}
		if !errors.Is(err, collections.ErrNotFound) {
			return cluster, false, err
		}
	}
	cluster, err = k.Clusters.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return cluster, false, nil
	}
	return cluster, err == nil, err
}

// registerKeys lets the keys of a member that lead nowhere lead to its cluster.
func (k *Keeper) registerKeys(ctx context.Context, cluster *types.Cluster, keys verdictstypes.SimilarityKeys) error {
	for slot, key := range keys {
		if key == (verdictstypes.SimilarityKeys{})[slot] || cluster.Keys >= types.MaxClusterKeys {
			continue
		}
		known, err := k.Keys.Has(ctx, collections.Join(uint32(slot), key[:]))
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := k.setKey(ctx, types.SimilarityKey{Slot: uint32(slot), Key: key[:], Cluster: cluster.Id}); err != nil {
			return err
		}
		cluster.Keys++
	}
	return nil
}

func (k *Keeper) setKey(ctx context.Context, key types.SimilarityKey) error {
	if err := k.Keys.Set(ctx, collections.Join(key.Slot, key.Key), key.Cluster); err != nil {
		return err
	}
	return k.ClusterKeys.Set(ctx, collections.Join3(key.Cluster, key.Slot, key.Key))
}

// prolong stores a cluster to be remembered for cluster_ttl_seconds from now.
func (k *Keeper) prolong(ctx context.Context, cluster *types.Cluster, params types.Params) error {
	if err := k.ClusterExpiry.Remove(ctx, collections.Join(cluster.ExpiryTime, cluster.Id)); err != nil {
		return err
	}
	cluster.ExpiryTime = sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.ClusterTtlSeconds)
	if err := k.Clusters.Set(ctx, cluster.Id, *cluster); err != nil {
		return err
	}
	return k.ClusterExpiry.Set(ctx, collections.Join(cluster.ExpiryTime, cluster.Id))
}

// expireClusters forgets clusters without a new member for long, at most
// max_prunes_per_block records in a block.
func (k *Keeper) expireClusters(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	budget := int(params.MaxPrunesPerBlock)
	due, err := k.dueClusters(ctx, budget)
	if err != nil {
		return err
	}
	for _, key := range due {
		if budget <= 0 {
			return nil
		}
		spent := 0
		failed := endblock.Isolate(ctx, "expire cluster", func(ctx context.Context) (err error) {
			spent, err = k.forget(ctx, key.K2(), budget, params)
			return err
		})
		budget -= max(spent, 1)
		if failed == nil {
			continue
		}
		// It must not come up again in every block.
		if err := k.ClusterExpiry.Remove(ctx, key); err != nil {
			return err
		}
		err := emit(ctx, &types.EventItemFailed{Queue: "cluster_expiry", Item: fmt.Sprintf("%x", key.K2()), Error: failed.Error()})
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) dueClusters(ctx context.Context, limit int) (due []timeKey, err error) {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	err = k.ClusterExpiry.Walk(ctx, collections.NewPrefixUntilPairRange[int64, []byte](now), func(key timeKey) (bool, error) {
		due = append(due, key)
		return len(due) >= limit, nil
	})
	return due, err
}

// forget removes a cluster: its keys, so that nothing joins any more, then its members
// with their scores, then itself. A large one takes several blocks; one that gets a new
// member meanwhile stays with what it has. It returns how many records it looked at.
func (k *Keeper) forget(ctx context.Context, id []byte, budget int, params types.Params) (spent int, err error) {
	cluster, err := k.Clusters.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	keys, err := k.forgetKeys(ctx, &cluster, budget)
	if err != nil {
		return keys, err
	}
	members, open, err := k.forgetMembers(ctx, id, budget-keys)
	spent = keys + members
	switch {
	case err != nil:
		return spent, err
	case open:
		return spent, k.prolong(ctx, &cluster, params)
	case spent >= budget:
		return spent, k.Clusters.Set(ctx, id, cluster)
	}
	if err := k.ClusterExpiry.Remove(ctx, collections.Join(cluster.ExpiryTime, id)); err != nil {
		return spent, err
	}
	return spent + 1, k.Clusters.Remove(ctx, id)
}

func (k *Keeper) forgetKeys(ctx context.Context, cluster *types.Cluster, limit int) (int, error) {
	keys, err := endblock.Take(ctx, k.ClusterKeys, collections.NewPrefixedTripleRange[[]byte, uint32, []byte](cluster.Id), limit)
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := k.Keys.Remove(ctx, collections.Join(key.K2(), key.K3())); err != nil {
			return 0, err
		}
	}
	cluster.Keys -= uint32(len(keys))
	return len(keys), nil
}

// forgetMembers stops at a member whose score is still open, and says so: without it the
// sample would be paid again from the start.
func (k *Keeper) forgetMembers(ctx context.Context, cluster []byte, limit int) (spent int, open bool, err error) {
	if limit <= 0 {
		return 0, false, nil
	}
	var members []hashPair
	err = k.ClusterMembers.Walk(ctx, collections.NewPrefixedPairRange[[]byte, []byte](cluster), func(key hashPair) (bool, error) {
		members = append(members, key)
		return len(members) >= limit, nil
	})
	if err != nil {
		return 0, false, err
	}
	for i, member := range members {
		if open, err = k.open(ctx, member.K2()); err != nil || open {
			return i + 1, open, err
		}
		if err := k.Scores.Remove(ctx, member.K2()); err != nil {
			return i + 1, false, err
		}
		if err := k.ClusterMembers.Remove(ctx, member); err != nil {
			return i + 1, false, err
		}
	}
	return len(members), false, nil
}

// open tells whether the score of a sample may still change: it waits for points, or for a
// later judgement while the sample is in the register.
func (k *Keeper) open(ctx context.Context, sha256 []byte) (bool, error) {
	score, err := k.Scores.Get(ctx, sha256)
	if err != nil || score.Waits() {
		return err == nil, err
	}
	if score.Settled() {
		return false, nil
	}
	_, err = k.samples.Get(ctx, sha256)
	if errors.Is(err, samplestypes.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
