package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (q queryServer) Order(ctx context.Context, req *types.QueryOrderRequest) (*types.QueryOrderResponse, error) {
	return nil, errors.New("not written")
}

func (q queryServer) Orders(ctx context.Context, req *types.QueryOrdersRequest) (*types.QueryOrdersResponse, error) {
	return nil, errors.New("not written")
}

func (q queryServer) Deliveries(ctx context.Context, req *types.QueryDeliveriesRequest) (*types.QueryDeliveriesResponse, error) {
	return nil, errors.New("not written")
}
