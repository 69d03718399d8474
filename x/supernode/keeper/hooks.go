package keeper

import (
	"context"
	"fmt"

	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
)

// EpochHooks seats a new set at each tick of the timer named by epoch_identifier.
func (k *Keeper) EpochHooks() epochstypes.EpochHooks {
	return epochHooks{k}
}

type epochHooks struct{ k *Keeper }

// AfterEpochEnd has nothing to do: seats last until the next are frozen.
func (epochHooks) AfterEpochEnd(context.Context, string, int64) error { return nil }

// BeforeEpochStart seats the epoch. A seating that fails is logged and leaves the
// former epoch current. It is not handed on as an error, for x/epochs would then
// throw away what its other listeners did at the same tick.
func (h epochHooks) BeforeEpochStart(ctx context.Context, identifier string, number int64) error {
	params, err := h.k.Params.Get(ctx)
	if err != nil {
		return err
	}
	if identifier != params.EpochIdentifier {
		return nil
	}
	failed := endblock.Isolate(ctx, fmt.Sprintf("seating of epoch %d", number), func(ctx context.Context) error {
		return h.k.seat(ctx, uint64(number))
	})
	if failed == nil {
		h.k.announce(ctx, uint64(number))
	}
	return nil
}

// announce tells the listeners of a seating that is already written, so that none
// of them can undo it.
func (k *Keeper) announce(ctx context.Context, epoch uint64) {
	if k.hooks == nil {
		return
	}
	_ = endblock.Isolate(ctx, fmt.Sprintf("listeners of epoch %d", epoch), func(ctx context.Context) error {
		return k.hooks.AfterSeated(ctx, epoch)
	})
}
