package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// Liveness returns how an operator performed its newest duties.
func (q queryServer) Liveness(ctx context.Context, req *types.QueryLivenessRequest) (*types.QueryLivenessResponse, error) {
	operator, err := types.ParseAddress("operator", req.GetOperator())
	if err != nil {
		return nil, answer(err)
	}
	liveness, known, err := q.k.livenessOf(ctx, operator)
	if err == nil && !known {
		err = types.ErrNotFound.Wrapf("supernode of operator %s", operator)
	}
	if err != nil {
		return nil, answer(err)
	}
	return &types.QueryLivenessResponse{Liveness: liveness}, nil
}

// Beacon returns the public randomness; it is 32 zeros before the first entropy.
func (q queryServer) Beacon(ctx context.Context, _ *types.QueryBeaconRequest) (*types.QueryBeaconResponse, error) {
	beacon, err := q.k.Randomness(ctx)
	if err != nil {
		return nil, answer(err)
	}
	return &types.QueryBeaconResponse{Beacon: beacon}, nil
}

// benched returns the seated operators that were jailed in an epoch, ascending.
func (q queryServer) benched(ctx context.Context, epoch uint64) ([]string, error) {
	var operators []string
	err := q.k.Benched.Walk(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch),
		func(key collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
			operators = append(operators, key.K2().String())
			return false, nil
		})
	return operators, err
}
