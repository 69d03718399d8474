package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// Report is what every engine said of a sample in a round; 0 means the newest one.
func (k *Keeper) Report(ctx context.Context, sha256 []byte, round uint64) (types.Report, error) {
	return k.report(ctx, sha256, round)
}

// Round returns a round, or ErrRoundNotFound.
func (k *Keeper) Round(ctx context.Context, number uint64) (types.Round, error) {
	return k.round(ctx, number)
}

// Outcome is what a round decided of a sample; OUTCOME_UNSPECIFIED when it did not judge it.
func (k *Keeper) Outcome(ctx context.Context, sha256 []byte, round uint64) (types.Outcome, error) {
	outcome, err := k.History.Get(ctx, collections.Join(sha256, round))
	if errors.Is(err, collections.ErrNotFound) {
		return types.OUTCOME_UNSPECIFIED, nil
	}
	return types.Outcome(outcome), err
}

// Outcomes returns the final rounds that judged a sample with their outcomes, oldest first.
func (k *Keeper) Outcomes(ctx context.Context, sha256 []byte) ([]types.HistoryEntry, error) {
	var entries []types.HistoryEntry
	err := k.History.Walk(ctx, collections.NewPrefixedPairRange[[]byte, uint64](sha256), func(key historyKey, outcome uint32) (bool, error) {
		round, err := k.round(ctx, key.K2())
		if err != nil || round.Status != types.ROUND_STATUS_FINAL {
			return false, err
		}
		entries = append(entries, types.HistoryEntry{Round: key.K2(), Outcome: types.Outcome(outcome)})
		return false, nil
	})
	return entries, err
}

// Truth is what counts as true of a sample now: what a won appeal established, else what
// the newest outcome that decided anything stands for; OUTCOME_UNSPECIFIED without one.
func (k *Keeper) Truth(ctx context.Context, sha256 []byte) (types.Outcome, error) {
	established, err := k.Truths.Get(ctx, sha256)
	if err == nil {
		return types.Outcome(established), nil
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return types.OUTCOME_UNSPECIFIED, err
	}
	entries, err := k.Outcomes(ctx, sha256)
	if err != nil {
		return types.OUTCOME_UNSPECIFIED, err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if truth := entries[i].Outcome.Truth(); truth.IsTruth() {
			return truth, nil
		}
	}
	return types.OUTCOME_UNSPECIFIED, nil
}
