package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// SetHooks sets who is called when a sample is queued. It is called once, while the
// app is put together.
func (k *Keeper) SetHooks(hooks types.SamplesHooks) {
	if k.hooks != nil {
		panic("samples hooks are already set")
	}
	k.hooks = hooks
}

// SetStorageHooks sets who is told how storage challenges end. It is called once, while
// the app is put together.
func (k *Keeper) SetStorageHooks(hooks types.StorageHooks) {
	if k.storageHooks != nil {
		panic("storage hooks are already set")
	}
	k.storageHooks = hooks
}

var _ supernodetypes.SupernodeHooks = supernodeHooks{}

type supernodeHooks struct{ k *Keeper }

// SupernodeHooks challenges each newly seated set.
func (k *Keeper) SupernodeHooks() supernodetypes.SupernodeHooks { return supernodeHooks{k} }

// AfterSeated puts everyone who attests in the epoch in line for its challenges.
func (h supernodeHooks) AfterSeated(ctx context.Context, epoch uint64) error {
	operators, err := h.k.attesters(ctx, epoch)
	if err != nil {
		return err
	}
	for _, operator := range operators {
		if err := h.k.Draws.Set(ctx, collections.Join(epoch, operator)); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) afterSampleQueued(ctx context.Context, sha256 []byte, rescan bool) error {
	if k.hooks == nil {
		return nil
	}
	return k.hooks.AfterSampleQueued(ctx, sha256, rescan)
}

// afterStorageChallenge tells the listener how a challenge ended. Its failure, which
// Isolate logs, costs only its own writes.
func (k *Keeper) afterStorageChallenge(ctx context.Context, challenge types.Challenge, operator sdk.AccAddress, params types.Params) {
	if k.storageHooks == nil {
		return
	}
	_ = endblock.Isolate(ctx, "listener of a challenge", func(ctx context.Context) error {
		return k.storageHooks.AfterStorageChallenge(ctx, challenge.Epoch, operator, challenge.Proved, challenge.MiddleHeight(params))
	})
}
