package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (q queryServer) FeedPackage(ctx context.Context, req *types.QueryFeedPackageRequest) (*types.QueryFeedPackageResponse, error) {
	return nil, errors.New("not written")
}

func (q queryServer) FeedPackages(ctx context.Context, req *types.QueryFeedPackagesRequest) (*types.QueryFeedPackagesResponse, error) {
	return nil, errors.New("not written")
}
