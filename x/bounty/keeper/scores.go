package keeper

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// scoreSamples enters what a judgement found out into the scores of the malicious
// members, queues them for their points, and returns what a right answer about each
// member is worth to an engine, in ppm: its novelty when it is malicious, clean_ppm when
// it is clean.
func (k *Keeper) scoreSamples(ctx context.Context, j verdictstypes.Judgement) ([]uint32, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	window, err := k.samples.ClaimWindowBlocks(ctx)
	if err != nil {
		return nil, err
	}
	scores, err := k.scoresOf(ctx, j.Members)
	if err != nil {
		return nil, err
	}
	if err := k.scoreNew(ctx, j, params, scores); err != nil {
		return nil, err
	}
	values := make([]uint32, len(j.Members))
	for i, sha256 := range j.Members {
		malicious := j.Truths[i] == verdictstypes.OUTCOME_MALICIOUS
		if j.Truths[i] == verdictstypes.OUTCOME_CLEAN {
			values[i] = params.CleanPpm
		}
		score := scores[i]
		switch {
		case score == nil && j.Last:
			_, err = k.dropSightings(ctx, sha256)
		case score == nil || score.Round != j.Source.Number:
			// One of another round expired and was submitted anew; it earned already.
		default:
			if malicious {
				values[i] = uint32(types.Novelty(score.Rules.NoveltyPpm, score.Rank))
			}
			err = k.judge(ctx, *score, types.StageScore{Stage: j.Stage, Malicious: malicious}, window)
		}
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}

// scoresOf returns the score of each member, nil for one that has none.
func (k *Keeper) scoresOf(ctx context.Context, members [][]byte) ([]*types.Score, error) {
	scores := make([]*types.Score, len(members))
	for i, sha256 := range members {
		score, err := k.Scores.Get(ctx, sha256)
		if errors.Is(err, collections.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		scores[i] = &score
	}
	return scores, nil
}

// candidate is a malicious member without a score.
type candidate struct {
	member int
	sample samplestypes.Sample
}

// scoreNew gives the malicious members that have none a score, in the order in which they
// were claimed: so the first of those that resemble each other is who had it first.
func (k *Keeper) scoreNew(ctx context.Context, j verdictstypes.Judgement, params types.Params, scores []*types.Score) error {
	var candidates []candidate
	for i, sha256 := range j.Members {
		if j.Truths[i] != verdictstypes.OUTCOME_MALICIOUS || scores[i] != nil {
			continue
		}
		sample, err := k.samples.Get(ctx, sha256)
		if errors.Is(err, samplestypes.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if sample.Status != samplestypes.STATUS_INVALID && sample.Status != samplestypes.STATUS_BLOCKED {
			candidates = append(candidates, candidate{i, sample})
		}
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.sample.PriorityHeight, b.sample.PriorityHeight),
			bytes.Compare(j.Members[a.member], j.Members[b.member]))
	})
	for _, c := range candidates {
		score, err := k.score(ctx, j, c, params)
		if err != nil {
			return err
		}
		scores[c.member] = &score
	}
	return nil
}

// score lets a sample join its cluster and reckons what does not change any more.
func (k *Keeper) score(ctx context.Context, j verdictstypes.Judgement, c candidate, params types.Params) (types.Score, error) {
	sha256 := j.Members[c.member]
	operator, err := k.gatewayOf(ctx, c.sample)
	if err != nil {
		return types.Score{}, err
	}
	missed := types.MissedPpm(j.Columns, c.member)
	cluster, err := k.join(ctx, sha256, c.sample.Contributor, operator, j.Features[c.member].Keys, missed, params)
	if err != nil {
		return types.Score{}, err
	}
	score := types.Score{
		Sha256: sha256, Cluster: cluster.Id, Rank: cluster.Members, Round: j.Source.Number,
		MissedPpm: min(missed, cluster.MissedPpm),
		Rules:     types.NewScoreRules(params, c.sample.Kind, operator != "", j.Source.Rules.SlicesPpm),
	}
	return score, emit(ctx, &types.EventScored{
		Sha256: sha256, Round: score.Round, Cluster: score.Cluster, Rank: score.Rank, MissedPpm: score.MissedPpm,
		PriorityHeight: c.sample.PriorityHeight,
	})
}

// gatewayOf is the operator through whose gateway a sample came, empty for none.
func (k *Keeper) gatewayOf(ctx context.Context, sample samplestypes.Sample) (string, error) {
	if sample.Gateway == "" {
		return "", nil
	}
	gateway, err := types.ParseAddress("gateway", sample.Gateway)
	if err != nil {
		return "", err
	}
	operator, err := k.supernode.OperatorOf(ctx, gateway)
	return operator.String(), err
}

// judge enters a stage into a score. Its points are given when no claim can replace the
// contributor any more; a sample waits in the queue once, whatever the number of stages.
func (k *Keeper) judge(ctx context.Context, score types.Score, stage types.StageScore, window uint32) error {
	if n := len(score.Stages); n > 0 && stage.Stage <= score.Stages[n-1].Stage {
		return nil // it was void at first, and a later one has decided for it
	}
	waits := score.Waits()
	score.Stages = append(score.Stages, stage)
	if err := k.Scores.Set(ctx, score.Sha256, score); err != nil || waits {
		return err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	sample, err := k.samples.Get(ctx, score.Sha256)
	if err == nil {
		height = max(height, sample.SubmittedHeight+int64(window))
	} else if !errors.Is(err, samplestypes.ErrNotFound) {
		return err
	}
	return k.Credits.Set(ctx, collections.Join(height, score.Sha256))
}
