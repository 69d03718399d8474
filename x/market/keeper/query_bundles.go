package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/market/types"
)

// maxBundlePage bounds the bundles of one page: each has up to 3.2 kB.
const maxBundlePage = 100

// Bundle returns a bundle with what it costs now. The price is 0 when one of its samples is
// not for sale any more, so that the bundle cannot be ordered.
func (q queryServer) Bundle(ctx context.Context, req *types.QueryBundleRequest) (*types.QueryBundleResponse, error) {
	id, err := parseHash("id", req.GetId())
	if err != nil {
		return nil, err
	}
	bundle, err := q.k.bundle(ctx, id)
	if types.ErrNotFound.Is(err) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	price, err := q.k.bundlePrice(ctx, bundle)
	if types.ErrNotForSale.Is(err) {
		return &types.QueryBundleResponse{Bundle: bundle}, nil
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryBundleResponse{Bundle: bundle, Price: price}, nil
}

// bundlePrice is the sum of what the samples of a bundle cost with its discount.
func (k *Keeper) bundlePrice(ctx context.Context, bundle types.Bundle) (sum uint64, err error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return 0, err
	}
	for _, sample := range bundle.Samples {
		_, product, err := k.offer(ctx, params, sample)
		if err != nil {
			return 0, err
		}
		price, err := k.currentPrice(ctx, product)
		if err != nil {
			return 0, err
		}
		sum += params.Discounted(price)
	}
	return sum, nil
}

// Bundles returns a page of the bundles by id.
func (q queryServer) Bundles(ctx context.Context, req *types.QueryBundlesRequest) (*types.QueryBundlesResponse, error) {
	if limit := req.GetPagination().GetLimit(); limit > maxBundlePage {
		return nil, status.Errorf(codes.InvalidArgument, "pagination.limit: %d, at most %d", limit, maxBundlePage)
	}
	bundles, page, err := query.CollectionPaginate(ctx, q.k.Bundles, req.GetPagination(),
		func(_ []byte, bundle types.Bundle) (types.Bundle, error) { return bundle, nil })
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryBundlesResponse{Bundles: bundles, Pagination: page}, nil
}
