package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/market/types"
)

func TestSubscriptionsQuery(t *testing.T) {
	f := newPlanFixture(t)
	_, err := f.queries.Subscriptions(f.ctx, &types.QuerySubscriptionsRequest{Buyer: "nobody"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	require.Empty(t, f.subscriptions(planBuyer))
	for _, product := range []string{"plan/basic", "feed/urls", "feed/files"} {
		require.NoError(t, f.subscribe(planBuyer, product, 2))
	}
	require.NoError(t, f.subscribe(planRival, "plan/duet", 2))
	f.endBlock(time.Second)

	var products []string
	page := &query.PageRequest{Limit: 2}
	for range 2 {
		response, err := f.queries.Subscriptions(f.ctx, &types.QuerySubscriptionsRequest{Buyer: planBuyer.String(), Pagination: page})
		require.NoError(t, err)
		for _, subscription := range response.Subscriptions {
			require.Equal(t, planBuyer.String(), subscription.Buyer)
			products = append(products, subscription.Product)
		}
		page.Key = response.Pagination.NextKey
	}
	require.Empty(t, page.Key)
	require.Equal(t, []string{"feed/files", "feed/urls", "plan/basic"}, products)
}

func TestPoolsQuery(t *testing.T) {
	f := newPlanFixture(t)
	for range 3 {
		f.earn(planFinder, 1)
		f.pay(1_000 * f.epoch)
		f.nextEpoch()
	}
	page, err := f.queries.Pools(f.ctx, &types.QueryPoolsRequest{Pagination: &query.PageRequest{Limit: 1, Offset: 1}})
	require.NoError(t, err)
	require.Len(t, page.Pools, 1)
	require.EqualValues(t, 2, page.Pools[0].Epoch)
	require.EqualValues(t, 800, page.Pools[0].Amount.Int64())
	page, err = f.queries.Pools(f.ctx, &types.QueryPoolsRequest{Pagination: &query.PageRequest{Limit: 1 << 40}})
	require.NoError(t, err)
	require.Len(t, page.Pools, 3)
}

func TestRoyaltiesQuery(t *testing.T) {
	f := newPlanFixture(t)
	_, err := f.queries.Royalties(f.ctx, &types.QueryRoyaltiesRequest{Contributor: "nobody"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	amount, epochs := f.royalties(planFinder.String())
	require.Zero(t, amount)
	require.Empty(t, epochs)
}
