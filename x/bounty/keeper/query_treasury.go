package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// maxPage bounds the records of one page.
const maxPage = 1000

// Treasury returns where the supply is.
func (q queryServer) Treasury(ctx context.Context, _ *types.QueryTreasuryRequest) (*types.QueryTreasuryResponse, error) {
	allocation, err := q.k.Allocation.Get(ctx)
	if err != nil {
		return nil, err
	}
	schedule, err := q.k.Schedule.Get(ctx)
	if err != nil {
		return nil, err
	}
	paid, err := q.k.Ledger.Get(ctx)
	if err != nil {
		return nil, err
	}
	next, err := q.k.NextEpoch.Get(ctx)
	if err != nil {
		return nil, err
	}
	claimable := math.ZeroInt()
	err = q.k.Closings.Walk(ctx, nil, func(key collections.Pair[int64, uint64]) (bool, error) {
		rewards, err := q.k.Epochs.Get(ctx, key.K2())
		if err != nil {
			return true, err
		}
		unclaimed := q.k.unclaimed(ctx, rewards)
		claimable = claimable.Add(unclaimed)
		paid.Contributors = paid.Contributors.Add(rewards.Contributors).Sub(unclaimed)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return &types.QueryTreasuryResponse{
		Allocation: allocation, Schedule: schedule, Paid: paid, Claimable: claimable,
		Left:      q.k.bank.GetBalance(ctx, q.k.treasury(), types.Denom).Amount,
		Supply:    q.k.bank.GetSupply(ctx, types.Denom).Amount,
		NextEpoch: next,
	}, nil
}

// Emission returns what the schedule gives in an epoch.
func (q queryServer) Emission(ctx context.Context, req *types.QueryEmissionRequest) (*types.QueryEmissionResponse, error) {
	schedule, err := q.k.Schedule.Get(ctx)
	if err != nil {
		return nil, err
	}
	epoch := req.GetEpoch()
	return &types.QueryEmissionResponse{Emission: schedule.Emission(epoch), Period: schedule.Period(epoch)}, nil
}

// Epoch returns the rewards of one epoch.
func (q queryServer) Epoch(ctx context.Context, req *types.QueryEpochRequest) (*types.QueryEpochResponse, error) {
	rewards, err := q.k.Epochs.Get(ctx, req.GetEpoch())
	if errors.Is(err, collections.ErrNotFound) {
		return nil, status.Errorf(codes.NotFound, "epoch %d has no rewards yet", req.GetEpoch())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryEpochResponse{Rewards: rewards}, nil
}

// Epochs returns a page of the rewards by epoch.
func (q queryServer) Epochs(ctx context.Context, req *types.QueryEpochsRequest) (*types.QueryEpochsResponse, error) {
	epochs, page, err := query.CollectionPaginate(ctx, q.k.Epochs, bounded(req.GetPagination()),
		func(_ uint64, rewards types.EpochRewards) (types.EpochRewards, error) { return rewards, nil })
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryEpochsResponse{Epochs: epochs, Pagination: page}, nil
}

// Rewards returns what a contributor earned, by a page of epochs, and can claim. Who has
// earned nothing gets zeros.
func (q queryServer) Rewards(ctx context.Context, req *types.QueryRewardsRequest) (*types.QueryRewardsResponse, error) {
	contributor, err := types.ParseAddress("contributor", req.GetContributor())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	params, err := q.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	_, claimable, err := q.k.claimable(ctx, contributor, int(params.MaxEpochsPerClaim))
	if err != nil {
		return nil, err
	}
	current, err := q.k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return nil, err
	}
	pending, err := q.k.points(ctx, contributor, current.Number)
	if err != nil {
		return nil, err
	}
	standing, err := q.k.standing(ctx, contributor)
	if err != nil {
		return nil, err
	}
	epochs, page, err := query.CollectionPaginate(ctx, q.k.Points, bounded(req.GetPagination()),
		func(key pointsKey, points types.Points) (types.EpochReward, error) {
			rewards, err := q.k.Epochs.Get(ctx, key.K2())
			if err != nil {
				return types.EpochReward{}, err
			}
			return types.EpochReward{
				Epoch: key.K2(), Status: rewards.Status, Points: points.Points,
				Amount: rewards.Reward(points.Points), Claimed: points.Claimed.IsPositive(),
			}, nil
		}, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](contributor))
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryRewardsResponse{
		Claimable: claimable, PendingPoints: pending.Points, Standing: standing,
		Established: standing >= params.EstablishedPoints, Epochs: epochs, Pagination: page,
	}, nil
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
