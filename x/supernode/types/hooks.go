package types

import (
	"context"
	"fmt"

	"github.com/virusmap/virusmap/x/internal/endblock"
)

// SupernodeHooks is what other modules implement to follow the seated set.
type SupernodeHooks interface {
	// AfterSeated runs once the table of an epoch is stored and current.
	AfterSeated(ctx context.Context, epoch uint64) error
}

var _ SupernodeHooks = MultiSupernodeHooks{}

// MultiSupernodeHooks runs several listeners in order, each on its own cached
// context: one that fails or panics loses its own writes and no others.
type MultiSupernodeHooks []SupernodeHooks

// NewMultiSupernodeHooks combines listeners.
func NewMultiSupernodeHooks(listeners ...SupernodeHooks) MultiSupernodeHooks {
	return listeners
}

// AfterSeated never fails; the error of a listener is logged where it is isolated.
func (h MultiSupernodeHooks) AfterSeated(ctx context.Context, epoch uint64) error {
	for i, listener := range h {
		name := fmt.Sprintf("%s: listener %d after seating of epoch %d", ModuleName, i, epoch)
		_ = endblock.Isolate(ctx, name, func(ctx context.Context) error {
			return listener.AfterSeated(ctx, epoch)
		})
	}
	return nil
}
