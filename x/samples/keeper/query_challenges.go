package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/samples/types"
)

// maxChallengesPageLimit bounds the challenges of one page.
const maxChallengesPageLimit = 100

// Holders returns the operators of the current epoch that must store a sample.
func (s queryServer) Holders(ctx context.Context, req *types.QueryHoldersRequest) (*types.QueryHoldersResponse, error) {
	sha256, err := parseSHA256(req.GetSha256())
	if err != nil {
		return nil, err
	}
	if _, err := s.entry(ctx, sha256); err != nil {
		return nil, err
	}
	params, err := s.Keeper.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	epoch, err := s.supernode.CurrentEpoch(ctx)
	if err != nil {
		return nil, err
	}
	operators, err := s.attesters(ctx, epoch.Number)
	if err != nil {
		return nil, err
	}
	response := &types.QueryHoldersResponse{Epoch: epoch.Number}
	for _, holder := range types.Holders(sha256, operators, int(params.Replication)) {
		response.Operators = append(response.Operators, holder.String())
	}
	return response, nil
}

// Challenges returns a page of the challenges of an operator that are in state.
func (s queryServer) Challenges(ctx context.Context, req *types.QueryChallengesRequest) (*types.QueryChallengesResponse, error) {
	operator, err := types.ParseAddress("operator", req.GetOperator())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if err := checkPage(req.Pagination, maxChallengesPageLimit); err != nil {
		return nil, err
	}
	challenges, page, err := query.CollectionPaginate(ctx, s.Keeper.Challenges, req.Pagination,
		func(_ challengeKey, challenge types.Challenge) (types.Challenge, error) { return challenge, nil },
		func(options *query.CollectionsPaginateOptions[challengeKey]) {
			prefix := collections.TriplePrefix[sdk.AccAddress, uint64, uint32](operator)
			options.Prefix = &prefix
		})
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryChallengesResponse{Challenges: challenges, Pagination: page}, nil
}
