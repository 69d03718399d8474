package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/market/types"
)

// maxPage bounds the records of one page.
const maxPage = 1000

// Subscriptions returns a page of the plans and feed passes of a buyer. One whose due time
// has passed is not paid for and gives nothing.
func (q queryServer) Subscriptions(ctx context.Context, req *types.QuerySubscriptionsRequest) (*types.QuerySubscriptionsResponse, error) {
	buyer, err := types.ParseAddress("buyer", req.GetBuyer())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	revoked, err := q.k.Revocations.Get(ctx, buyer)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	subscriptions, page, err := query.CollectionPaginate(ctx, q.k.Subscriptions, bounded(req.GetPagination()),
		func(_ subscriptionKey, subscription types.Subscription) (types.Subscription, error) {
			return subscription, nil
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, string](buyer))
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QuerySubscriptionsResponse{Subscriptions: subscriptions, RevokedTime: revoked, Pagination: page}, nil
}

// Royalties returns what the next claim of a contributor pays. Who has no points gets zero.
func (q queryServer) Royalties(ctx context.Context, req *types.QueryRoyaltiesRequest) (*types.QueryRoyaltiesResponse, error) {
	contributor, err := types.ParseAddress("contributor", req.GetContributor())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	params, err := q.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	due, sum, err := q.k.royalties(ctx, contributor, int(params.MaxEpochsPerClaim))
	if err != nil {
		return nil, err
	}
	response := &types.QueryRoyaltiesResponse{Claimable: sum}
	for _, claim := range due {
		response.Epochs = append(response.Epochs, claim.Epoch)
	}
	return response, nil
}

// Pools returns a page of the royalties that are not closed, by epoch.
func (q queryServer) Pools(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	pools, page, err := query.CollectionPaginate(ctx, q.k.Pools, bounded(req.GetPagination()),
		func(_ uint64, pool types.Pool) (types.Pool, error) { return pool, nil })
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryPoolsResponse{Pools: pools, Pagination: page}, nil
}

// bounded is the page asked for with at most maxPage records.
func bounded(asked *query.PageRequest) *query.PageRequest {
	if asked.GetLimit() <= maxPage {
		return asked
	}
	page := *asked
	page.Limit = maxPage
	return &page
}
