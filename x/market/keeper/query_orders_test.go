package keeper_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
)

func TestQueryOrders(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	var orders []types.Order
	for range 3 {
		orders = append(orders, f.buy("sold"))
	}
	queries := keeper.NewQueryServer(f.App.MarketKeeper)
	one, err := queries.Order(f.Context(), &types.QueryOrderRequest{Id: hex.EncodeToString(orders[1].Id)})
	require.NoError(t, err)
	require.Equal(t, orders[1], one.Order)

	page, err := queries.Orders(f.Context(), &types.QueryOrdersRequest{Buyer: f.buyer.Address.String(), Pagination: &query.PageRequest{Limit: 2}})
	require.NoError(t, err)
	require.Equal(t, orders[:2], page.Orders, "in the order in which they were made")
	page, err = queries.Orders(f.Context(), &types.QueryOrdersRequest{Buyer: f.buyer.Address.String(), Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, orders[2:], page.Orders)
	page, err = queries.Orders(f.Context(), &types.QueryOrdersRequest{Buyer: f.rival.Address.String()})
	require.NoError(t, err)
	require.Empty(t, page.Orders)

	f.deliver(orders[0], "sold")
	all, err := queries.Deliveries(f.Context(), &types.QueryDeliveriesRequest{})
	require.NoError(t, err)
	require.ElementsMatch(t, orders[1:], all.Orders)
	mine := 0
	for _, order := range orders[1:] {
		if order.Operator == orders[1].Operator {
			mine++
		}
	}
	of, err := queries.Deliveries(f.Context(), &types.QueryDeliveriesRequest{Operator: orders[1].Operator})
	require.NoError(t, err)
	require.Len(t, of.Orders, mine)
}

func TestQueryOrdersRefusals(t *testing.T) {
	f := newOrderChain(t)
	queries := keeper.NewQueryServer(f.App.MarketKeeper)
	tooMany := &query.PageRequest{Limit: 501}
	for name, test := range map[string]struct {
		ask  func() error
		want codes.Code
	}{
		"no hex": {func() error {
			_, err := queries.Order(f.Context(), &types.QueryOrderRequest{Id: "xyz"})
			return err
		}, codes.InvalidArgument},
		"unknown": {func() error {
			_, err := queries.Order(f.Context(), &types.QueryOrderRequest{Id: hex.EncodeToString(contentHash("none"))})
			return err
		}, codes.NotFound},
		"buyer": {func() error {
			_, err := queries.Orders(f.Context(), &types.QueryOrdersRequest{Buyer: "nobody"})
			return err
		}, codes.InvalidArgument},
		"no request": {func() error {
			_, err := queries.Orders(f.Context(), nil)
			return err
		}, codes.InvalidArgument},
		"page": {func() error {
			_, err := queries.Orders(f.Context(), &types.QueryOrdersRequest{Buyer: f.buyer.Address.String(), Pagination: tooMany})
			return err
		}, codes.InvalidArgument},
		"operator": {func() error {
			_, err := queries.Deliveries(f.Context(), &types.QueryDeliveriesRequest{Operator: "nobody"})
			return err
		}, codes.InvalidArgument},
		"deliveries page": {func() error {
			_, err := queries.Deliveries(f.Context(), &types.QueryDeliveriesRequest{Pagination: tooMany})
			return err
		}, codes.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, status.Code(test.ask())) })
	}
}
