package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// resolutionKey is (judging round, source round).
type resolutionKey = collections.Pair[uint64, uint64]

// stage is a judged stage of an initial round with what accounting for it needs.
type stage struct {
	source, judge types.Round
	hashes        [][]byte
	truths        []types.Outcome
	attestations  []types.SignedAttestation
	table         types.WeightTable
	columns       []types.EngineColumn
}

// number counts from 0, the initial round's own judgement.
func (s stage) number() uint32 { return s.judge.Stage }

// last tells that no later judgement can change the truth.
func (s stage) last() bool { return int(s.number()) == len(s.source.Rules.SlicesPpm)-1 }

// queueResolutions lets a final retrospective round account for its sources.
func (k *Keeper) queueResolutions(ctx context.Context, judge types.Round) error {
	for _, number := range judge.Sources {
		if err := k.Resolutions.Set(ctx, collections.Join(judge.Number, number)); err != nil {
			return err
		}
	}
	return nil
}

// resolveStages accounts for judged stages over at most tally_samples_per_block samples,
// but at least for one stage. A stage counts as a page of samples at least, as records
// and windows are written whatever its size.
func (k *Keeper) resolveStages(ctx context.Context, params types.Params) error {
	budget := int(params.TallySamplesPerBlock)
	queued, err := k.queuedResolutions(ctx, budget/types.PageSize)
	if err != nil {
		return err
	}
	var judged judgedFeatures
	for i, key := range queued {
		source, err := k.Rounds.Get(ctx, key.K2())
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return err
		}
		cost := max(int(source.Samples), types.PageSize)
		if i > 0 && cost > budget {
			return nil
		}
		budget -= cost
		if err := k.Resolutions.Remove(ctx, key); err != nil {
			return err
		}
		name := fmt.Sprintf("round %d by round %d", key.K2(), key.K1())
		err = endblock.Isolate(ctx, "resolve "+name, func(ctx context.Context) error {
			return k.resolve(ctx, key, &judged)
		})
		if err != nil {
			if err := k.setStageAside(ctx, "resolutions", name, key.K2(), err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *Keeper) queuedResolutions(ctx context.Context, limit int) ([]resolutionKey, error) {
	var keys []resolutionKey
	err := k.Resolutions.Walk(ctx, nil, func(key resolutionKey) (bool, error) {
		keys = append(keys, key)
		return len(keys) >= limit, nil
	})
	return keys, err
}

// resolve accounts for one stage: it gives out the stage's slice of the points, and at
// the last stage settles the track records and error windows.
func (k *Keeper) resolve(ctx context.Context, key resolutionKey, judged *judgedFeatures) error {
	s, err := k.loadStage(ctx, key)
	if err != nil {
		return err
	}
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	slice := s.source.Rules.SlicesPpm[s.number()]
	points := types.Points(s.columns, s.truths, slices.Repeat([]uint32{slice}, len(s.truths)))
	if s.last() {
		err = k.settle(ctx, s, epoch.Number, points)
	} else {
		err = k.addPoints(ctx, s, epoch.Number, points)
	}
	if err != nil {
		return err
	}
	if err := k.endStage(ctx, s.source.Number); err != nil {
		return err
	}
	err = emit(ctx, &types.EventResolved{
		Source: s.source.Number, Stage: s.number(), Judge: s.judge.Number, Epoch: epoch.Number, SlicePpm: slice, Last: s.last(),
	})
	if err != nil {
		return err
	}
	return k.afterResolved(ctx, s, judged)
}

func (k *Keeper) loadStage(ctx context.Context, key resolutionKey) (s stage, err error) {
	if s.judge, err = k.round(ctx, key.K1()); err != nil {
		return s, err
	}
	if s.source, err = k.round(ctx, key.K2()); err != nil {
		return s, err
	}
	if s.source.Pruned || int(s.number()) >= len(s.source.Rules.SlicesPpm) {
		return s, types.ErrStageSkipped.Wrapf("stage %d, vectors pruned %t", s.number(), s.source.Pruned)
	}
	if s.hashes, err = k.members(ctx, s.source.Number); err != nil {
		return s, err
	}
	if s.truths, err = k.truths(ctx, s.judge.Number, s.hashes); err != nil {
		return s, err
	}
	if s.attestations, err = k.attestations(ctx, s.source.Number); err != nil {
		return s, err
	}
	if s.table, err = k.weightTable(ctx, s.source.Epoch); err != nil {
		return s, err
	}
	s.columns, err = types.EngineColumns(s.attestations, s.table, len(s.hashes))
	return s, err
}

// truths returns what counts as true for each sample: what a won appeal established,
// else what the judge's outcome stands for. One that decided nothing, or that the judge
// did not get to see, leaves the truth open.
func (k *Keeper) truths(ctx context.Context, judge uint64, hashes [][]byte) ([]types.Outcome, error) {
	truths := make([]types.Outcome, len(hashes))
	for i, hash := range hashes {
		outcome, err := k.Truths.Get(ctx, hash)
		if errors.Is(err, collections.ErrNotFound) {
			outcome, err = k.History.Get(ctx, collections.Join(hash, judge))
		}
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return nil, err
		}
		truths[i] = types.Outcome(outcome).Truth()
	}
	return truths, nil
}

func (k *Keeper) afterResolved(ctx context.Context, s stage, judged *judgedFeatures) error {
	if k.hooks == nil {
		return nil
	}
	features, err := k.featuresOf(ctx, s, judged)
	if err != nil {
		return err
	}
	return k.hooks.AfterResolved(ctx, types.Judgement{
		Source: s.source, Judge: s.judge, Stage: s.number(), Last: s.last(),
		Members: s.hashes, Truths: s.truths, Columns: s.columns, Features: features,
	})
}
