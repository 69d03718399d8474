package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/internal/endblock"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// giveCredits gives the points of samples whose time has come, at most
// max_credits_per_block in a block.
func (k *Keeper) giveCredits(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	due, err := endblock.Take(ctx, k.Credits,
		collections.NewPrefixUntilPairRange[int64, []byte](height), int(params.MaxCreditsPerBlock))
	if err != nil {
		return err
	}
	for _, key := range due {
		sha256 := key.K2()
		failed := endblock.Isolate(ctx, "credit sample", func(ctx context.Context) error {
			return k.credit(ctx, sha256, params)
		})
		if failed == nil {
			continue
		}
		// What it cannot be given now, the next judgement makes up for. Isolate logs both failures.
		_ = endblock.Isolate(ctx, "give up credit", func(ctx context.Context) error {
			return k.giveUpCredit(ctx, sha256)
		})
		err := emit(ctx, &types.EventItemFailed{Queue: "credits", Item: fmt.Sprintf("%x", sha256), Error: failed.Error()})
		if err != nil {
			return err
		}
	}
	return nil
}

// credit gives the points of each stage of a sample that waits for them to who is its
// contributor now.
func (k *Keeper) credit(ctx context.Context, sha256 []byte, params types.Params) error {
	score, err := k.Scores.Get(ctx, sha256)
	if err != nil {
		return err
	}
	contributor, err := k.creditedContributor(ctx, sha256)
	if err != nil {
		return err
	}
	sightings, err := k.sightingsOf(ctx, score)
	if err != nil {
		return err
	}
	for i := range score.Stages {
		if score.Stages[i].Credited {
			continue
		}
		if err := k.creditStage(ctx, &score, i, contributor, sightings, params); err != nil {
			return err
		}
	}
	return k.Scores.Set(ctx, sha256, score)
}

// creditStage gives the points of the i-th judged stage; nobody gets them when the
// contributor is empty.
func (k *Keeper) creditStage(
	ctx context.Context, score *types.Score, i int, contributor sdk.AccAddress, sightings uint32, params types.Params,
) error {
	stage := &score.Stages[i]
	stage.Credited, stage.Contributor = true, contributor.String()
	stage.Sightings, stage.Score = sightings, score.Value(stage.Malicious, sightings)
	add := score.Add(i, stage.Score)
	if contributor.Empty() {
		add = 0
	}
	var err error
	stage.Points, stage.Capped, stage.Epoch, err = k.givePoints(ctx, contributor, add, params)
	if err != nil || add == 0 {
		return err
	}
	return emit(ctx, &types.EventCredited{
		Sha256: score.Sha256, Stage: stage.Stage, Contributor: stage.Contributor, Epoch: stage.Epoch,
		Points: stage.Points, Capped: stage.Capped, Sightings: sightings,
	})
}

// creditedContributor is who gets a sample's points, nil when it is gone or taken down.
func (k *Keeper) creditedContributor(ctx context.Context, sha256 []byte) (sdk.AccAddress, error) {
	sample, err := k.samples.Get(ctx, sha256)
	switch {
	case errors.Is(err, samplestypes.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case sample.Status == samplestypes.STATUS_BLOCKED:
		return nil, nil
	}
	return types.ParseAddress("contributor", sample.Contributor)
}

// sightingsOf is how many other operators saw the cluster of a sample; none when it is gone.
func (k *Keeper) sightingsOf(ctx context.Context, score types.Score) (uint32, error) {
	cluster, err := k.Clusters.Get(ctx, score.Cluster)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return uint32(len(cluster.Sighters)), err
}

// giveUpCredit lets the stages of a sample that wait go without points.
func (k *Keeper) giveUpCredit(ctx context.Context, sha256 []byte) error {
	score, err := k.Scores.Get(ctx, sha256)
	if err != nil {
		return err
	}
	for i := range score.Stages {
		score.Stages[i].Credited = true
	}
	return k.Scores.Set(ctx, sha256, score)
}
