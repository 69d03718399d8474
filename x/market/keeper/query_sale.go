package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (q queryServer) Tranche(ctx context.Context, req *types.QueryTrancheRequest) (*types.QueryTrancheResponse, error) {
	return nil, errors.New("not written")
}

func (q queryServer) Tranches(ctx context.Context, req *types.QueryTranchesRequest) (*types.QueryTranchesResponse, error) {
	return nil, errors.New("not written")
}
