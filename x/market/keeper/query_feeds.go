package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/market/types"
)

// maxMinutes is how far apart the minutes of one answer may be: a day.
const maxMinutes = 1440

// FeedPackage returns the record of a minute that is over and had entries.
func (q queryServer) FeedPackage(ctx context.Context, req *types.QueryFeedPackageRequest) (*types.QueryFeedPackageResponse, error) {
	if err := types.ValidateFeed(req.GetFeed()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	packaged, err := q.k.FeedPackages.Get(ctx, collections.Join(req.GetMinute(), req.GetFeed()))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, status.Errorf(codes.NotFound, "feed %s has no package of minute %d", req.GetFeed(), req.GetMinute())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryFeedPackageResponse{Package: packaged}, nil
}

// FeedPackages returns the records of a feed in the order of their minutes.
func (q queryServer) FeedPackages(ctx context.Context, req *types.QueryFeedPackagesRequest) (*types.QueryFeedPackagesResponse, error) {
	if err := types.ValidateFeed(req.GetFeed()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	from, to := req.GetFrom(), req.GetTo()
	if from < 0 || to < from || to-from > maxMinutes {
		return nil, status.Errorf(codes.InvalidArgument, "from %d, to %d: want 0 <= from <= to <= from + %d", from, to, maxMinutes)
	}
	response := &types.QueryFeedPackagesResponse{}
	minutes := new(collections.Range[packageKey]).
		StartInclusive(collections.Join(from, req.GetFeed())).EndInclusive(collections.Join(to, req.GetFeed()))
	err := q.k.FeedPackages.Walk(ctx, minutes, func(key packageKey, packaged types.FeedPackage) (bool, error) {
		if key.K2() == req.GetFeed() {
			response.Packages = append(response.Packages, packaged)
		}
		return false, nil
	})
	return response, err
}
