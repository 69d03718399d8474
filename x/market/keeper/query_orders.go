package keeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/market/types"
)

// maxOrderPage bounds the orders of one page: an open one takes about 1.5 KiB.
const maxOrderPage = 500

// Order returns one order.
func (q queryServer) Order(ctx context.Context, req *types.QueryOrderRequest) (*types.QueryOrderResponse, error) {
	id, err := hex.DecodeString(req.GetId())
	if err != nil || len(id) != sha256.Size {
		return nil, status.Errorf(codes.InvalidArgument, "id: %.80q is not 64 hex digits", req.GetId())
	}
	order, err := q.k.order(ctx, id)
	if types.ErrNotFound.Is(err) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryOrderResponse{Order: order}, nil
}

// Orders returns a page of a buyer's orders, the oldest first.
func (q queryServer) Orders(ctx context.Context, req *types.QueryOrdersRequest) (*types.QueryOrdersResponse, error) {
	buyer, err := types.ParseAddress("buyer", req.GetBuyer())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if err := checkOrderPage(req.Pagination); err != nil {
		return nil, err
	}
	prefix := collections.TriplePrefix[sdk.AccAddress, int64, []byte](buyer)
	orders, page, err := query.CollectionPaginate(ctx, q.k.OrdersByBuyer, req.Pagination,
		func(key buyerOrderKey, _ collections.NoValue) (types.Order, error) { return q.k.order(ctx, key.K3()) },
		func(options *query.CollectionsPaginateOptions[buyerOrderKey]) { options.Prefix = &prefix })
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryOrdersResponse{Orders: orders, Pagination: page}, nil
}

// Deliveries returns a page of the orders that wait for their keys, by who is assigned; of
// one operator or of all.
func (q queryServer) Deliveries(ctx context.Context, req *types.QueryDeliveriesRequest) (*types.QueryDeliveriesResponse, error) {
	var options []func(*query.CollectionsPaginateOptions[deliveryKey])
	if req.GetOperator() != "" {
		operator, err := types.ParseAddress("operator", req.Operator)
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		options = append(options, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, []byte](operator))
	}
	if err := checkOrderPage(req.GetPagination()); err != nil {
		return nil, err
	}
	orders, page, err := query.CollectionPaginate(ctx, q.k.Deliveries, req.GetPagination(),
		func(key deliveryKey, _ collections.NoValue) (types.Order, error) { return q.k.order(ctx, key.K2()) },
		options...)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryDeliveriesResponse{Orders: orders, Pagination: page}, nil
}

func checkOrderPage(page *query.PageRequest) error {
	if limit := page.GetLimit(); limit > maxOrderPage {
		return status.Errorf(codes.InvalidArgument, "pagination.limit: %d, at most %d", limit, maxOrderPage)
	}
	return nil
}
