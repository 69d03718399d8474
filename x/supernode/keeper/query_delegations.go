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

	"github.com/virusmap/virusmap/x/supernode/types"
)

// Candidates returns a page of who stands for a seat, the largest stake first.
func (q queryServer) Candidates(ctx context.Context, req *types.QueryCandidatesRequest) (*types.QueryCandidatesResponse, error) {
	candidates, page, err := query.CollectionPaginate(ctx, q.k.Candidates.Indexes.Stake, bounded(req.GetPagination()),
		func(key collections.Pair[uint64, sdk.AccAddress], _ collections.NoValue) (types.Candidate, error) {
			supernode, err := q.k.Supernode(ctx, key.K2())
			return types.Candidate{
				Operator: supernode.Operator,
				Moniker:  supernode.Profile.Moniker,
				Stake:    math.NewIntFromUint64(types.MaxStake - key.K1()),
			}, err
		})
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryCandidatesResponse{Candidates: candidates, Pagination: page}, nil
}

// Pool returns what is delegated to an operator; nothing when nobody delegated yet.
func (q queryServer) Pool(ctx context.Context, req *types.QueryPoolRequest) (*types.QueryPoolResponse, error) {
	operator, err := types.ParseAddress("operator", req.GetOperator())
	if err != nil {
		return nil, answer(err)
	}
	pool, err := q.k.Pools.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		_, err = q.k.Supernode(ctx, operator)
		pool = types.NewPool(operator.String())
	}
	if err != nil {
		return nil, answer(err)
	}
	return &types.QueryPoolResponse{Pool: pool}, nil
}

// Delegators returns a page of the delegations to an operator, in delegator order.
func (q queryServer) Delegators(ctx context.Context, req *types.QueryDelegatorsRequest) (*types.QueryDelegatorsResponse, error) {
	operator, err := types.ParseAddress("operator", req.GetOperator())
	if err != nil {
		return nil, answer(err)
	}
	positions, page, err := query.CollectionPaginate(ctx, q.k.Delegations, bounded(req.GetPagination()),
		func(_ delegationKey, delegation types.Delegation) (types.Position, error) {
			return q.position(ctx, operator, delegation)
		}, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, sdk.AccAddress](operator))
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryDelegatorsResponse{Positions: positions, Pagination: page}, nil
}

// Delegation returns one delegation.
func (q queryServer) Delegation(ctx context.Context, req *types.QueryDelegationRequest) (*types.QueryDelegationResponse, error) {
	delegator, operator, err := parseDelegation(req.GetDelegator(), req.GetOperator())
	if err != nil {
		return nil, answer(err)
	}
	delegation, err := q.k.delegation(ctx, operator, delegator)
	if err != nil {
		return nil, answer(err)
	}
	position, err := q.position(ctx, operator, delegation)
	if err != nil {
		return nil, answer(err)
	}
	return &types.QueryDelegationResponse{Position: position}, nil
}

// Delegations returns a page of the delegations of a delegator, in operator order.
func (q queryServer) Delegations(ctx context.Context, req *types.QueryDelegationsRequest) (*types.QueryDelegationsResponse, error) {
	delegator, err := types.ParseAddress("delegator", req.GetDelegator())
	if err != nil {
		return nil, answer(err)
	}
	positions, page, err := query.CollectionPaginate(ctx, q.k.Delegations.Indexes.Delegator, bounded(req.GetPagination()),
		func(key delegationKey, _ collections.NoValue) (types.Position, error) {
			operator := key.K2()
			delegation, err := q.k.delegation(ctx, operator, delegator)
			if err != nil {
				return types.Position{}, err
			}
			return q.position(ctx, operator, delegation)
		}, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, sdk.AccAddress](delegator))
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryDelegationsResponse{Positions: positions, Pagination: page}, nil
}

// Unbondings returns a page of what is on its way from all pools, the first due first.
func (q queryServer) Unbondings(ctx context.Context, req *types.QueryUnbondingsRequest) (*types.QueryUnbondingsResponse, error) {
	delegator, err := types.ParseAddress("delegator", req.GetDelegator())
	if err != nil {
		return nil, answer(err)
	}
	entries, page, err := query.CollectionPaginate(ctx, q.k.Unbondings.Indexes.Delegator, bounded(req.GetPagination()),
		func(key collections.Pair[sdk.AccAddress, unbondingKey], _ collections.NoValue) (types.UnbondingEntry, error) {
			return q.entry(ctx, key.K2())
		}, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, unbondingKey](delegator))
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryUnbondingsResponse{Unbondings: entries, Pagination: page}, nil
}

func (q queryServer) position(ctx context.Context, operator sdk.AccAddress, delegation types.Delegation) (types.Position, error) {
	pool, err := q.k.pool(ctx, operator)
	if err != nil {
		return types.Position{}, err
	}
	return types.Position{
		Delegation: delegation,
		Worth:      pool.Worth(delegation.Shares),
		Rewards:    pool.Earned(delegation),
	}, nil
}

func (q queryServer) entry(ctx context.Context, key unbondingKey) (types.UnbondingEntry, error) {
	unbonding, err := q.k.Unbondings.Get(ctx, key)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	operator, err := types.ParseAddress("operator", unbonding.Operator)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	pool, err := q.k.pool(ctx, operator)
	if err != nil {
		return types.UnbondingEntry{}, err
	}
	return types.UnbondingEntry{Unbonding: unbonding, Worth: pool.UnbondingWorth(unbonding.Shares)}, nil
}
