package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/samples/types"
)

// SetHooks sets who is called when a sample is queued. It is called once, while the
// app is put together.
func (k *Keeper) SetHooks(hooks types.SamplesHooks) {
	if k.hooks != nil {
		panic("samples hooks are already set")
	}
	k.hooks = hooks
}

func (k *Keeper) afterSampleQueued(ctx context.Context, sha256 []byte, rescan bool) error {
	if k.hooks == nil {
		return nil
	}
	return k.hooks.AfterSampleQueued(ctx, sha256, rescan)
}
