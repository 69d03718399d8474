package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// Bounty returns one running bounty.
func (q queryServer) Bounty(ctx context.Context, req *types.QueryBountyRequest) (*types.QueryBountyResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Bounty")
}

// Bounties returns the running bounties.
func (q queryServer) Bounties(ctx context.Context, req *types.QueryBountiesRequest) (*types.QueryBountiesResponse, error) {
	return nil, status.Error(codes.Unimplemented, "Bounties")
}
