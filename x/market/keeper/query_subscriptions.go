package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (q queryServer) Subscriptions(ctx context.Context, req *types.QuerySubscriptionsRequest) (*types.QuerySubscriptionsResponse, error) {
	return nil, errors.New("not written")
}

func (q queryServer) Royalties(ctx context.Context, req *types.QueryRoyaltiesRequest) (*types.QueryRoyaltiesResponse, error) {
	return nil, errors.New("not written")
}

func (q queryServer) Pools(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	return nil, errors.New("not written")
}
