package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

type storageHooks struct{ k *Keeper }

// StorageHooks counts the storage challenges of operators.
func (k *Keeper) StorageHooks() samplestypes.StorageHooks { return storageHooks{k} }

// AfterStorageChallenge counts a challenge in the running epoch.
func (h storageHooks) AfterStorageChallenge(ctx context.Context, epoch uint64, operator sdk.AccAddress, proved bool, middle int64) error {
	return nil
}
