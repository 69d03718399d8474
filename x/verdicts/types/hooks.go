package types

import (
	"context"
	"fmt"

	"github.com/virusmap/virusmap/x/internal/endblock"
)

// Judgement is a judged stage of an initial round.
type Judgement struct {
	// Source is the initial round, Judge the round that judged its samples; they are the
	// same at stage 0.
	Source, Judge Round
	Stage         uint32
	// Last tells that no later judgement can change the truths.
	Last bool
	// Members are the samples of the source in ascending order. All that follows but the
	// columns is by member.
	Members [][]byte
	// Truths are CLEAN, MALICIOUS, or OUTCOME_UNSPECIFIED where the truth is open.
	Truths []Outcome
	// Columns are what the engines said in the source.
	Columns []EngineColumn
	// Features are what the supernodes found out in the judge; empty for a member that it
	// did not get to see.
	Features []SampleFeatures
}

// VerdictsHooks is what other modules implement to follow what was true.
type VerdictsHooks interface {
	// AfterResolved runs when a stage of an initial round is accounted for.
	AfterResolved(ctx context.Context, judgement Judgement) error
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
func (h MultiVerdictsHooks) AfterResolved(ctx context.Context, judgement Judgement) error {
	for i, listener := range h {
		name := fmt.Sprintf("%s: listener %d after stage %d of round %d", ModuleName, i, judgement.Stage, judgement.Source.Number)
		_ = endblock.Isolate(ctx, name, func(ctx context.Context) error {
			return listener.AfterResolved(ctx, judgement)
		})
	}
	return nil
}
