package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

type storageHooks struct{ k *Keeper }

// StorageHooks counts the storage challenges of operators.
func (k *Keeper) StorageHooks() samplestypes.StorageHooks { return storageHooks{k} }

// AfterStorageChallenge counts a challenge in the running epoch, whichever it is of: the
// former one may be settled already.
func (h storageHooks) AfterStorageChallenge(ctx context.Context, _ uint64, operator sdk.AccAddress, proved bool, _ int64) error {
	current, err := h.k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	work, err := h.k.work(ctx, current.Number, operator)
	if err != nil {
		return err
	}
	work.Challenged++
	if proved {
		work.Proved++
	}
	return h.k.Works.Set(ctx, collections.Join(current.Number, operator), work)
}
