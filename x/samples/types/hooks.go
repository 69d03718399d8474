package types

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
)

// SamplesHooks is implemented by modules that act when a sample is queued.
type SamplesHooks interface {
	// AfterSampleQueued is called when a sample became QUEUED: after its first
	// submission, or with rescan set after a paid rescan. An error refuses the
	// message, so that no sample is queued that nobody will scan.
	AfterSampleQueued(ctx context.Context, sha256 []byte, rescan bool) error
}

// StorageHooks is implemented by modules that act on the storage challenges of a
// supernode. Each listener runs isolated; its error is logged and costs only its writes.
type StorageHooks interface {
	// AfterStorageChallenge is called when a challenge was answered in time, or missed.
	// middle is the height of the middle of its window.
	AfterStorageChallenge(ctx context.Context, epoch uint64, operator sdk.AccAddress, proved bool, middle int64) error
}

var _ SamplesHooks = MultiSamplesHooks{}

// MultiSamplesHooks calls several hooks in order and stops at the first error.
type MultiSamplesHooks []SamplesHooks

// AfterSampleQueued implements SamplesHooks.
func (hooks MultiSamplesHooks) AfterSampleQueued(ctx context.Context, sha256 []byte, rescan bool) error {
	for _, hook := range hooks {
		if err := hook.AfterSampleQueued(ctx, sha256, rescan); err != nil {
			return err
		}
	}
	return nil
}

var _ StorageHooks = MultiStorageHooks{}

// MultiStorageHooks runs several listeners in order, each on its own cached context: one
// that fails or panics loses its own writes and no others.
type MultiStorageHooks []StorageHooks

// AfterStorageChallenge never fails; the error of a listener is logged where it is isolated.
func (hooks MultiStorageHooks) AfterStorageChallenge(ctx context.Context, epoch uint64, operator sdk.AccAddress, proved bool, middle int64) error {
	for i, hook := range hooks {
		name := fmt.Sprintf("%s: listener %d after a challenge of %s", ModuleName, i, operator)
		_ = endblock.Isolate(ctx, name, func(ctx context.Context) error {
			return hook.AfterStorageChallenge(ctx, epoch, operator, proved, middle)
		})
	}
	return nil
}
