package keeper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// maxSources bounds the initial rounds that one retrospective round judges again.
	maxSources = 64
	// maxScannedStages bounds how far a block looks for due stages of one kind.
	maxScannedStages = 4 * maxSources
	// maxTries is after how many void rounds a stage is given up.
	maxTries = 3
)

// queueStages puts a final initial round in line for each retrospective judgement, and
// for the accounting of its own.
func (k *Keeper) queueStages(ctx context.Context, round types.Round) error {
	for i, delay := range round.Rules.RetrospectiveDelaysSeconds {
		key := collections.Join3(round.FinalTime+int64(delay), uint32(i+1), round.Number)
		if err := k.Stages.Set(ctx, key); err != nil {
			return err
		}
	}
	return k.Resolutions.Set(ctx, collections.Join(round.Number, round.Number))
}

// takeStages makes a round the judge of due stages and returns the members that it
// judges, in ascending order. It fills in the round's stage and sources.
func (k *Keeper) takeStages(ctx context.Context, round *types.Round, limit int) ([][]byte, error) {
	due, err := k.dueStages(ctx, limit)
	if err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, key := range due {
		if err := k.Stages.Remove(ctx, key); err != nil {
			return nil, err
		}
		var present [][]byte
		err := endblock.Isolate(ctx, stageName(key), func(ctx context.Context) error {
			present, err = k.judgeAgain(ctx, round.Number, key)
			return err
		})
		if err != nil {
			if err := k.setStageAside(ctx, "stages", stageName(key), key.K3(), err); err != nil {
				return nil, err
			}
			continue
		}
		if len(present) > 0 {
			round.Stage = key.K2()
			round.Sources = append(round.Sources, key.K3())
			hashes = append(hashes, present...)
		}
	}
	// A sample that expired and was submitted again is a member of several rounds.
	slices.SortFunc(hashes, bytes.Compare)
	return slices.CompactFunc(hashes, bytes.Equal), nil
}

// dueStages returns the stage that is due first, and those of the same number that are
// due too, as far as their rounds fit together into one.
func (k *Keeper) dueStages(ctx context.Context, limit int) ([]stageKey, error) {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	var due []stageKey
	scanned, samples := 0, 0
	err := k.Stages.Walk(ctx, nil, func(key stageKey) (bool, error) {
		if scanned++; key.K1() > now || scanned > maxScannedStages || len(due) == maxSources {
			return true, nil
		}
		if len(due) > 0 && key.K2() != due[0].K2() {
			return false, nil
		}
		source, err := k.Rounds.Get(ctx, key.K3())
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return true, err
		}
		if samples += int(source.Samples); len(due) > 0 && samples > limit {
			return true, nil
		}
		due = append(due, key)
		return false, nil
	})
	return due, err
}

// judgeAgain enters a retrospective round as the judge of a stage and returns the
// source's members that can be judged. Without any the stage is skipped.
func (k *Keeper) judgeAgain(ctx context.Context, judge uint64, key stageKey) ([][]byte, error) {
	source, err := k.round(ctx, key.K3())
	if err != nil {
		return nil, err
	}
	present, err := k.presentMembers(ctx, source)
	if err != nil {
		return nil, err
	}
	if len(present) == 0 {
		return nil, types.ErrStageSkipped.Wrap("no member is left")
	}
	for len(source.Retrospectives) < int(key.K2()) {
		source.Retrospectives = append(source.Retrospectives, 0)
	}
	source.Retrospectives[key.K2()-1] = judge
	return present, k.Rounds.Set(ctx, source.Number, source)
}

// presentMembers returns the members that were not taken down, not found to be invalid
// and have not expired. One that somebody pays to scan again just now is among them,
// lest a paid rescan keep a sample from its final truth.
func (k *Keeper) presentMembers(ctx context.Context, source types.Round) ([][]byte, error) {
	if source.Pruned {
		return nil, nil
	}
	hashes, err := k.members(ctx, source.Number)
	if err != nil {
		return nil, err
	}
	present := hashes[:0]
	for _, hash := range hashes {
		sample, err := k.samples.Get(ctx, hash)
		if samplestypes.ErrNotFound.Is(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if sample.Status != samplestypes.STATUS_BLOCKED && sample.Status != samplestypes.STATUS_INVALID {
			present = append(present, hash)
		}
	}
	return present, nil
}

// requeueStages puts the stages of a void retrospective round back in line; after three
// void rounds a stage is skipped.
func (k *Keeper) requeueStages(ctx context.Context, round types.Round) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	for _, number := range round.Sources {
		source, err := k.round(ctx, number)
		if err != nil {
			return err
		}
		source.Voids++
		source.Retrospectives[round.Stage-1] = 0
		if err := k.Rounds.Set(ctx, number, source); err != nil {
			return err
		}
		key := collections.Join3(now, round.Stage, number)
		if source.Voids < maxTries {
			err = k.Stages.Set(ctx, key)
		} else {
			err = k.setStageAside(ctx, "stages", stageName(key), number, types.ErrStageSkipped.Wrapf("void %d times", source.Voids))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setStageAside gives up a stage that cannot be held or accounted for and says why.
// Nobody earns its slice.
func (k *Keeper) setStageAside(ctx context.Context, queue, item string, source uint64, cause error) error {
	// A source that is gone waits for nothing; the cause tells of it.
	_ = endblock.Isolate(ctx, item, func(ctx context.Context) error { return k.endStage(ctx, source) })
	return emit(ctx, &types.EventItemFailed{Queue: queue, Item: item, Error: cause.Error()})
}

// endStage counts one more stage of an initial round as accounted for or skipped.
func (k *Keeper) endStage(ctx context.Context, number uint64) error {
	source, err := k.round(ctx, number)
	if err != nil {
		return err
	}
	source.Resolved++
	source.Voids = 0
	return k.Rounds.Set(ctx, number, source)
}

// unresolved is how many stages of a round are not accounted for yet.
func unresolved(round types.Round) int {
	if round.Kind != types.ROUND_KIND_INITIAL || round.Status != types.ROUND_STATUS_FINAL {
		return 0
	}
	return len(round.Rules.SlicesPpm) - int(round.Resolved)
}

func stageName(key stageKey) string {
	return fmt.Sprintf("stage %d of round %d", key.K2(), key.K3())
}
