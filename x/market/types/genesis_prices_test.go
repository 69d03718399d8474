package types_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/market/types"
)

// genesisWithPrices has a product with two orders, of which one is not counted yet, one
// that is not sold any more, and one of which nothing is on order.
func genesisWithPrices() *types.GenesisState {
	gs := types.DefaultGenesis()
	gs.PriceEpoch = 9
	gone := types.Price{Product: "gone", Price: 3, OpenOrders: 1, Escrowed: math.NewInt(4)}
	intel := types.Price{Product: "intel", Price: 1_000_000, Demand: 7, OpenOrders: 1, Escrowed: math.NewInt(1_000_000)}
	gs.Prices = []types.Price{gone, intel, types.NewPrice("sample/small", 10_000)}
	gs.Orders = []types.Order{
		{Id: []byte{1}, Product: "intel", Price: math.NewInt(1_000_000), Status: types.ORDER_STATUS_DELIVERED},
		{Id: []byte{2}, Product: "intel", Price: math.NewInt(2_000_000), Status: types.ORDER_STATUS_OPEN},
		{Id: []byte{3}, Product: "sample/small", Price: math.NewInt(5), Status: types.ORDER_STATUS_SETTLED},
		{Id: []byte{4}, Product: "gone", Price: math.NewInt(4), Status: types.ORDER_STATUS_WRONG},
	}
	gs.Uncounted = [][]byte{{2}}
	return gs
}

func TestGenesisOfPrices(t *testing.T) {
	require.NoError(t, genesisWithPrices().ValidatePrices())
	for name, refused := range map[string]struct {
		change func(*types.GenesisState)
		says   string
	}{
		"disorder":            {func(gs *types.GenesisState) { slices.Reverse(gs.Prices) }, "prices[1]"},
		"twice":               {func(gs *types.GenesisState) { gs.Prices[2] = gs.Prices[1] }, "prices[2]"},
		"no product":          {func(gs *types.GenesisState) { gs.Prices[0].Product = "" }, "prices[0]: price of \"\""},
		"below the floor":     {func(gs *types.GenesisState) { gs.Prices[2].Price = 9_999 }, "is 9999, want 10000..1000000000"},
		"above the ceiling":   {func(gs *types.GenesisState) { gs.Prices[1].Price = 1_000_000_001 }, "is 1000000001, want"},
		"above every ceiling": {func(gs *types.GenesisState) { gs.Prices[0].Price = 1_000_000_000_001 }, "prices[0]"},
		"nothing escrowed":    {func(gs *types.GenesisState) { gs.Prices[1].Escrowed = math.Int{} }, "escrowed"},
		"less than nothing":   {func(gs *types.GenesisState) { gs.Prices[2].Escrowed = math.NewInt(-1) }, "escrowed is -1"},
		"absurdly escrowed": {func(gs *types.GenesisState) {
			gs.Prices[2].Escrowed = math.NewIntFromUint64(1 << 63).MulRaw(1 << 62).MulRaw(1 << 62)
		}, "of at most 128 bits"},
		"an order more":     {func(gs *types.GenesisState) { gs.Prices[1].OpenOrders++ }, "has 2 orders with 1000000uvmt, but they are 1"},
		"another sum":       {func(gs *types.GenesisState) { gs.Prices[1].Escrowed = math.OneInt() }, "has 1 orders with 1uvmt"},
		"counted after all": {func(gs *types.GenesisState) { gs.Uncounted = nil }, "but they are 2 with 3000000uvmt"},
		"no price":          {func(gs *types.GenesisState) { gs.Prices = gs.Prices[1:] }, "price of gone: is missing, but 1 are on order"},
		"order of nothing":  {func(gs *types.GenesisState) { gs.Orders[1].Price = math.Int{} }, "orders[1].price"},
		"order for nothing": {func(gs *types.GenesisState) { gs.Orders[1].Price = math.ZeroInt() }, "orders[1].price"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := genesisWithPrices()
			refused.change(gs)
			err := gs.Validate()
			require.ErrorIs(t, err, types.ErrInvalidGenesis)
			require.ErrorContains(t, err, refused.says)
		})
	}
}
