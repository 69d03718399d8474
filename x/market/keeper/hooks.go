package keeper

import (
	"context"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

type verdictsHooks struct{ k *Keeper }

// VerdictsHooks adds what is judged to the feeds.
func (k *Keeper) VerdictsHooks() verdictstypes.VerdictsHooks { return verdictsHooks{k} }

// AfterResolved adds a line for each member to the feed of its kind.
func (h verdictsHooks) AfterResolved(ctx context.Context, j verdictstypes.Judgement) error {
	return h.k.addToFeeds(ctx, j)
}
