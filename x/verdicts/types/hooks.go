package types

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
)

// EnginePoints is what an engine earned in one stage of a round.
type EnginePoints struct {
	Operator sdk.AccAddress
	Engine   string
	// Points in millionths of a sample, above 0.
	Points uint64
}

// VerdictsHooks is what other modules implement to follow what was true.
type VerdictsHooks interface {
	// AfterResolved runs when a stage of an initial round, the source, is accounted for.
	// Stage 0 has the source as its own judge. Points are in operator and engine order.
	AfterResolved(ctx context.Context, source, judge Round, stage uint32, points []EnginePoints) error
}

var _ VerdictsHooks = MultiVerdictsHooks{}

// MultiVerdictsHooks runs several listeners in order, each on its own cached
// context: one that fails or panics loses its own writes and no others.
type MultiVerdictsHooks []VerdictsHooks

// NewMultiVerdictsHooks combines listeners.
func NewMultiVerdictsHooks(listeners ...VerdictsHooks) MultiVerdictsHooks {
	return listeners
}

// AfterResolved never fails; the error of a listener is logged where it is isolated.
func (h MultiVerdictsHooks) AfterResolved(ctx context.Context, source, judge Round, stage uint32, points []EnginePoints) error {
	for i, listener := range h {
		name := fmt.Sprintf("%s: listener %d after stage %d of round %d", ModuleName, i, stage, source.Number)
		_ = endblock.Isolate(ctx, name, func(ctx context.Context) error {
			return listener.AfterResolved(ctx, source, judge, stage, points)
		})
	}
	return nil
}
