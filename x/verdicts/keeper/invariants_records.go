package keeper

import (
	"context"
	"fmt"
	"slices"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// StagesInvariant: each stage of a final initial round is either accounted for, or waits
// in one queue, or is being judged by one open round; until then its vectors stay.
func (k *Keeper) StagesInvariant(ctx context.Context) error {
	waiting := make(map[uint64]int)
	err := k.Stages.Walk(ctx, nil, func(key stageKey) (bool, error) {
		waiting[key.K3()]++
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Resolutions.Walk(ctx, nil, func(key resolutionKey) (bool, error) {
		waiting[key.K2()]++
		judge, err := k.round(ctx, key.K1())
		if err == nil && (judge.Status != types.ROUND_STATUS_FINAL || (key.K1() != key.K2() && !slices.Contains(judge.Sources, key.K2()))) {
			err = fmt.Errorf("round %d is to be resolved by round %d, which did not judge it", key.K2(), key.K1())
		}
		return err != nil, err
	})
	if err != nil {
		return err
	}
	return k.Rounds.Walk(ctx, nil, func(number uint64, round types.Round) (bool, error) {
		pending := unresolved(round)
		for stage, judge := range round.Retrospectives {
			if judge == 0 {
				continue
			}
			open, err := k.OpenRounds.Has(ctx, judge)
			if err != nil {
				return true, err
			}
			if open {
				waiting[number]++
			}
			round, err := k.round(ctx, judge)
			if err != nil || int(round.Stage) != stage+1 || !slices.Contains(round.Sources, number) {
				return true, fmt.Errorf("round %d: stage %d is not judged by round %d: %v", number, stage+1, judge, err)
			}
		}
		switch {
		case waiting[number] != pending:
			return true, fmt.Errorf("round %d: %d stages are unresolved but %d wait", number, pending, waiting[number])
		case pending > 0 && round.Pruned:
			return true, fmt.Errorf("round %d is pruned with %d stages unresolved", number, pending)
		}
		return false, nil
	})
}

// RecordsInvariant: every track record stands under its own key and is well formed.
func (k *Keeper) RecordsInvariant(ctx context.Context) error {
	return k.Records.Walk(ctx, nil, func(key recordKey, record types.TrackRecord) (bool, error) {
		if key.K1().String() != record.Operator || key.K2() != record.Engine || key.K3() != record.Epoch {
			return true, fmt.Errorf("record of %s/%s in epoch %d stands elsewhere", record.Operator, record.Engine, record.Epoch)
		}
		return false, record.Validate()
	})
}
