package market_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
)

// Prices that nobody pays fall by a step at the end of each epoch, also after a restart
// from an export.
func TestPricesFallThroughTheChain(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Supernodes: 1, EpochDuration: 5 * time.Second})
	want := make(map[string]uint64)
	for _, product := range types.DefaultProducts() {
		want[product.Id] = product.InitialPrice
	}
	epoch := uint64(1)
	for range 12 {
		chain.Block()
		response, err := keeper.NewQueryServer(chain.App.MarketKeeper).Prices(chain.Context(), &types.QueryPricesRequest{})
		require.NoError(t, err)
		require.LessOrEqual(t, response.Epoch-epoch, uint64(1))
		for _, price := range response.Prices {
			if response.Epoch > epoch {
				want[price.Product] -= want[price.Product] / 8
			}
			require.Equal(t, want[price.Product], price.Price, "%s in epoch %d", price.Product, response.Epoch)
		}
		epoch = response.Epoch
	}
	require.Equal(t, uint64(3), epoch)
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	chain.RequireRoundTrip()
}
