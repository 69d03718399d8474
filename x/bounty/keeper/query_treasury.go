package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// Treasury returns where the supply is.
func (q queryServer) Treasury(ctx context.Context, req *types.QueryTreasuryRequest) (*types.QueryTreasuryResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Treasury")
}

// Emission returns what the schedule gives in an epoch.
func (q queryServer) Emission(ctx context.Context, req *types.QueryEmissionRequest) (*types.QueryEmissionResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Emission")
}

// Epoch returns the rewards of one epoch.
func (q queryServer) Epoch(ctx context.Context, req *types.QueryEpochRequest) (*types.QueryEpochResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Epoch")
}

// Epochs returns the rewards by epoch.
func (q queryServer) Epochs(ctx context.Context, req *types.QueryEpochsRequest) (*types.QueryEpochsResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Epochs")
}

// Rewards returns what a contributor earned and can claim.
func (q queryServer) Rewards(ctx context.Context, req *types.QueryRewardsRequest) (*types.QueryRewardsResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Rewards")
}
