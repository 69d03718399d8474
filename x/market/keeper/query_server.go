package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

type queryServer struct{ k *Keeper }

// NewQueryServer returns the query service.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

var _ types.QueryServer = queryServer{}

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}
