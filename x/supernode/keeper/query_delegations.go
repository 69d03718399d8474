package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func (q queryServer) Candidates(ctx context.Context, req *types.QueryCandidatesRequest) (*types.QueryCandidatesResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Pool(ctx context.Context, req *types.QueryPoolRequest) (*types.QueryPoolResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Delegators(ctx context.Context, req *types.QueryDelegatorsRequest) (*types.QueryDelegatorsResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Delegation(ctx context.Context, req *types.QueryDelegationRequest) (*types.QueryDelegationResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Delegations(ctx context.Context, req *types.QueryDelegationsRequest) (*types.QueryDelegationsResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Unbondings(ctx context.Context, req *types.QueryUnbondingsRequest) (*types.QueryUnbondingsResponse, error) {
	return nil, errUnwritten
}
