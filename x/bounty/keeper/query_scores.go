package keeper

import (
	"context"
	"encoding/hex"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// Explain returns every term of a sample's score and reward.
func (q queryServer) Explain(ctx context.Context, req *types.QueryExplainRequest) (*types.QueryExplainResponse, error) {
	score, err := q.score(ctx, req.Sha256)
	if err != nil {
		return nil, err
	}
	sightings, err := q.k.sightingsOf(ctx, score)
	if err != nil {
		return nil, err
	}
	explained := &types.QueryExplainResponse{Score: score}
	for i, stage := range score.Stages {
		rewards, err := q.k.rewards(ctx, stage.Epoch)
		if err != nil {
			return nil, err
		}
		explained.Stages = append(explained.Stages, score.Explain(i, sightings, rewards))
	}
	explained.Text = types.ExplainText(score, explained.Stages)
	return explained, nil
}

// Cluster returns the cluster of a scored sample.
func (q queryServer) Cluster(ctx context.Context, req *types.QueryClusterRequest) (*types.QueryClusterResponse, error) {
	score, err := q.score(ctx, req.Sha256)
	if err != nil {
		return nil, err
	}
	cluster, err := q.k.Clusters.Get(ctx, score.Cluster)
	if err != nil {
		return nil, err
	}
	return &types.QueryClusterResponse{Cluster: cluster}, nil
}

func (q queryServer) score(ctx context.Context, text string) (types.Score, error) {
	sha256, err := hex.DecodeString(text)
	if err != nil || len(sha256) != 32 {
		return types.Score{}, status.Errorf(codes.InvalidArgument, "sha256 %q is not 64 hex digits", text)
	}
	score, err := q.k.Scores.Get(ctx, sha256)
	if errors.Is(err, collections.ErrNotFound) {
		return score, status.Error(codes.NotFound, types.ErrNotScored.Wrapf("%x", sha256).Error())
	}
	return score, err
}
