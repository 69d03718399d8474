package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// Explain returns every term of a sample's score and reward.
func (q queryServer) Explain(ctx context.Context, req *types.QueryExplainRequest) (*types.QueryExplainResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Explain")
}

// Cluster returns the cluster of a scored sample.
func (q queryServer) Cluster(ctx context.Context, req *types.QueryClusterRequest) (*types.QueryClusterResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Cluster")
}
