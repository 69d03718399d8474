package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// SetHooks sets who is told of resolved stages. It is called once, while the app is put
// together.
func (k *Keeper) SetHooks(hooks types.VerdictsHooks) {
	if k.hooks != nil {
		panic("verdicts hooks are already set")
	}
	k.hooks = hooks
}

var _ samplestypes.SamplesHooks = samplesHooks{}

type samplesHooks struct{ k *Keeper }

// SamplesHooks queues what x/samples accepts.
func (k *Keeper) SamplesHooks() samplestypes.SamplesHooks { return samplesHooks{k} }

// AfterSampleQueued puts a sample in line for the next round of its kind.
func (h samplesHooks) AfterSampleQueued(ctx context.Context, sha256 []byte, rescan bool) error {
	kind := types.ROUND_KIND_INITIAL
	if rescan {
		kind = types.ROUND_KIND_RESCAN
	}
	return h.k.enqueue(ctx, kind, sha256)
}

var _ supernodetypes.SupernodeHooks = supernodeHooks{}

type supernodeHooks struct{ k *Keeper }

// SupernodeHooks weighs the engines of each newly seated set.
func (k *Keeper) SupernodeHooks() supernodetypes.SupernodeHooks { return supernodeHooks{k} }

// AfterSeated freezes the weights of the epoch.
func (h supernodeHooks) AfterSeated(ctx context.Context, epoch uint64) error {
	return h.k.freezeWeights(ctx, epoch)
}

func (k *Keeper) enqueue(ctx context.Context, kind types.RoundKind, sha256 []byte) error {
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	return k.Pending.Set(ctx, collections.Join3(uint32(kind), height, sha256))
}

// Prioritise moves to the front of its queue a sample that was queued for a rescan in
// this block, or that still waits for its first round. Others are left where they are.
func (k *Keeper) Prioritise(ctx context.Context, sha256 []byte) error {
	sample, err := k.samples.Get(ctx, sha256)
	if err != nil {
		return err
	}
	for _, key := range []pendingKey{
		collections.Join3(uint32(types.ROUND_KIND_INITIAL), sample.SubmittedHeight, sha256),
		collections.Join3(uint32(types.ROUND_KIND_RESCAN), sdk.UnwrapSDKContext(ctx).BlockHeight(), sha256),
	} {
		waits, err := k.Pending.Has(ctx, key)
		if err != nil {
			return err
		}
		if !waits {
			continue
		}
		if err := k.Pending.Remove(ctx, key); err != nil {
			return err
		}
		if err := k.Pending.Set(ctx, collections.Join3(key.K1(), int64(0), sha256)); err != nil {
			return err
		}
	}
	return nil
}
