package keeper

import (
	"context"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

type verdictsHooks struct{ k *Keeper }

// VerdictsHooks scores samples and engines when a judgement is accounted for.
func (k *Keeper) VerdictsHooks() verdictstypes.VerdictsHooks { return verdictsHooks{k} }

// AfterResolved scores the samples, then the engines, and looks for wanted samples.
func (h verdictsHooks) AfterResolved(ctx context.Context, j verdictstypes.Judgement) error {
	values, err := h.k.scoreSamples(ctx, j)
	if err != nil {
		return err
	}
	if err := h.k.scoreEngines(ctx, j, values); err != nil {
		return err
	}
	return h.k.matchWanted(ctx, j)
}
