package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/market/types"
)

func TestNewOrdersAreCountedAtTheEndOfTheBlock(t *testing.T) {
	f := newPricesFixture(t)
	f.order(smallSample, 1_000_000)
	f.order(smallSample, 900_000)
	f.order("intel", 7)
	f.requirePrice(smallSample, 1_000_000, 0, 0, 0)

	f.endBlock()
	f.requirePrice(smallSample, 1_000_000, 2, 2, 1_900_000)
	f.requirePrice("intel", 1_000_000, 1, 1, 7)
	f.endBlock()
	f.requirePrice(smallSample, 1_000_000, 2, 2, 1_900_000)
}

func TestABlockCountsSoManyOrders(t *testing.T) {
	f := newPricesFixture(t)
	f.setParams(func(p *types.Params) { p.MaxClosingsPerBlock = 1 })
	for range 25 {
		f.order(smallSample, 1)
	}
	for _, counted := range []uint64{10, 20, 25, 25} {
		f.endBlock()
		f.requirePrice(smallSample, 1_000_000, counted, counted, int64(counted))
	}
}

// Nothing but the count is lost with an order that is gone.
func TestAnOrderThatIsGoneIsNotCounted(t *testing.T) {
	f := newPricesFixture(t)
	require.NoError(t, f.keeper.Uncounted.Set(f.ctx, []byte{1}))
	f.order(smallSample, 1)
	f.endBlock()
	f.requirePrice(smallSample, 1_000_000, 1, 1, 1)
}

func TestAnOrderLeavesTheBookAndStaysDemand(t *testing.T) {
	f := newPricesFixture(t)
	first, second := f.order(smallSample, 5), f.order(smallSample, 6)
	f.endBlock()
	f.end(first)
	f.requirePrice(smallSample, 1_000_000, 2, 1, 6)

	sudden := f.order(smallSample, 7) // ends before it is counted
	f.end(sudden)
	f.requirePrice(smallSample, 1_000_000, 3, 1, 6)
	f.endBlock()
	f.requirePrice(smallSample, 1_000_000, 3, 1, 6)

	f.end(second)
	f.requirePrice(smallSample, 1_000_000, 3, 0, 0)
	require.ErrorIs(t, f.keeper.LeaveBook(f.ctx, second), types.ErrInvariant, "it left before")
}

func TestPricesFollowDemand(t *testing.T) {
	f := newPricesFixture(t)
	f.setParams(func(p *types.Params) { p.Products[len(p.Products)-1].Target = 2 }) // sample/small
	for range 3 {
		f.order(smallSample, 1_000_000)
	}
	require.NoError(t, f.keeper.AddDemand(f.ctx, "plan/duet", 2)) // its target
	f.endBlock()
	require.Empty(t, f.moved(), "the epoch is not over")

	f.startEpochs(1)
	f.endBlock()
	f.requirePrice(smallSample, 1_062_500, 0, 3, 3_000_000)
	require.Equal(t, uint64(10_000_000_000), f.price("plan/duet").Price)
	require.Equal(t, uint64(875_000), f.price("intel").Price, "nobody wanted it")
	moved := f.moved()
	require.Len(t, moved, len(types.DefaultProducts())-1)
	require.Contains(t, moved, types.EventPriceMoved{Product: smallSample, Before: 1_000_000, After: 1_062_500, Demand: 3})
	require.Contains(t, moved, types.EventPriceMoved{Product: "intel", Before: 1_000_000, After: 875_000})

	f.endBlock()
	require.Empty(t, f.moved(), "an epoch moves a price once")
	f.startEpochs(1)
	f.endBlock()
	require.Equal(t, uint64(929_688), f.price(smallSample).Price, "open orders are no new demand")
}

func TestPricesStayAtTheFloor(t *testing.T) {
	f := newPricesFixture(t)
	for range 50 {
		f.startEpochs(1)
		f.endBlock()
	}
	f.requirePrice(smallSample, 10_000, 0, 0, 0)
	f.moved()
	f.startEpochs(1)
	f.endBlock()
	require.Empty(t, f.moved())
}

func TestPricesCatchUpWithFewEpochsInABlock(t *testing.T) {
	f := newPricesFixture(t)
	f.startEpochs(6)
	for _, after := range []struct{ price, epoch uint64 }{{586_182, 5}, {448_797, 7}, {448_797, 7}} {
		f.endBlock()
		require.InDelta(t, after.price, f.price(smallSample).Price, 2)
		response, err := f.queries.Prices(f.ctx, &types.QueryPricesRequest{})
		require.NoError(t, err)
		require.Equal(t, after.epoch, response.Epoch)
	}
}

// A market that comes to a chain that has run for long has no epochs to catch up with.
func TestTheFirstEpochOnlyStartsTheCount(t *testing.T) {
	f := newPricesFixture(t)
	require.NoError(t, f.keeper.PriceEpoch.Remove(f.ctx))
	f.startEpochs(30)
	f.order(smallSample, 1)
	f.endBlock()
	f.requirePrice(smallSample, 1_000_000, 1, 1, 1)
	f.endBlock()
	require.Empty(t, f.moved())
	f.startEpochs(1)
	f.endBlock()
	require.Equal(t, uint64(875_125), f.price(smallSample).Price)
}

func TestAProductThatIsNotSoldAnyMore(t *testing.T) {
	f := newPricesFixture(t)
	known := f.order("intel", 5)
	f.endBlock()
	late, products := f.order(smallSample, 6), types.DefaultProducts()
	f.setParams(func(p *types.Params) { p.Products = products[:1] })
	f.endBlock()
	require.Empty(t, f.price("intel"), "what is not sold has no price to show")

	f.startEpochs(1)
	f.endBlock()
	for _, product := range []string{"intel", smallSample} {
		kept, err := f.keeper.Prices.Get(f.ctx, product)
		require.NoError(t, err, "it is on order")
		require.Equal(t, uint64(1), kept.OpenOrders)
	}
	f.end(known)
	f.end(late)
	f.startEpochs(1)
	f.endBlock()
	for _, product := range []string{"intel", smallSample} {
		kept, err := f.keeper.Prices.Has(f.ctx, product)
		require.NoError(t, err)
		require.False(t, kept)
	}
}

func TestNewParametersBoundThePrices(t *testing.T) {
	f := newPricesFixture(t)
	f.startEpochs(1)
	f.endBlock()
	f.moved()
	change := func(product string, change func(*types.Product)) {
		f.setParams(func(p *types.Params) {
			for i := range p.Products {
				if p.Products[i].Id == product {
					change(&p.Products[i])
				}
			}
		})
	}
	change(smallSample, func(p *types.Product) { p.Floor = 900_000 })
	change("intel", func(p *types.Product) { p.Floor, p.InitialPrice, p.Ceiling = 1, 500_000, 700_000 })
	change("sample/large", func(p *types.Product) { p.Floor, p.InitialPrice = 1, 1 })
	require.Equal(t, uint64(900_000), f.price(smallSample).Price)
	require.Equal(t, uint64(700_000), f.price("intel").Price)
	require.Equal(t, uint64(4_375_000), f.price("sample/large").Price, "a price within its bounds stays")
	require.Len(t, f.moved(), 2)
}

func TestAProductThatComesBackStartsAnew(t *testing.T) {
	f := newPricesFixture(t)
	f.startEpochs(1)
	f.endBlock()
	f.order(smallSample, 6)
	f.setParams(func(p *types.Params) { p.Products = p.Products[:1] })
	f.endBlock() // counts an order of what is gone
	f.setParams(func(p *types.Params) { p.Products = types.DefaultProducts() })
	f.requirePrice(smallSample, 1_000_000, 1, 1, 6)
	require.Equal(t, uint64(1_000_000), f.price("intel").Price)
	require.Equal(t, uint64(262_500_000), f.price("feed/files").Price, "it was never gone")
}

func TestPricesInvariantFindsWhatIsWrong(t *testing.T) {
	f := newPricesFixture(t)
	f.order(smallSample, 5)
	f.endBlock()
	good := f.price(smallSample)
	for name, broken := range map[string]struct {
		breaks func()
		says   string
	}{
		"order more":      {func() { f.setPrice(good, func(p *types.Price) { p.OpenOrders++ }) }, "has 2 orders"},
		"money less":      {func() { f.setPrice(good, func(p *types.Price) { p.Escrowed = math.NewInt(4) }) }, "with 4uvmt"},
		"below the floor": {func() { f.setPrice(good, func(p *types.Price) { p.Price = 9_999 }) }, "is 9999"},
		"price is gone":   {func() { require.NoError(t, f.keeper.Prices.Remove(f.ctx, smallSample)) }, "is missing"},
		"order is gone":   {func() { require.NoError(t, f.keeper.Orders.Clear(f.ctx, nil)) }, "they are 0"},
		"misplaced":       {func() { require.NoError(t, f.keeper.Prices.Set(f.ctx, "intel", good)) }, "is stored as"},
		"count of none":   {func() { require.NoError(t, f.keeper.Uncounted.Set(f.ctx, []byte{9})) }, "waits to be counted"},
	} {
		t.Run(name, func(t *testing.T) {
			whole := f.ctx
			f.ctx, _ = whole.CacheContext()
			broken.breaks()
			err := f.keeper.PricesInvariant(f.ctx)
			require.ErrorIs(t, err, types.ErrInvariant)
			require.ErrorContains(t, err, broken.says)
			f.ctx = whole
		})
	}
}

func (f *pricesFixture) setPrice(price types.Price, change func(*types.Price)) {
	f.t.Helper()
	change(&price)
	require.NoError(f.t, f.keeper.Prices.Set(f.ctx, price.Product, price))
}

func TestPricesRoundTrip(t *testing.T) {
	f := newPricesFixture(t)
	require.NoError(t, f.keeper.AddDemand(f.ctx, smallSample, 1500))
	f.startEpochs(2)
	f.endBlock()
	require.NoError(t, f.keeper.AddDemand(f.ctx, "intel", 3))
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, exported.Prices, len(types.DefaultProducts()))
	require.Equal(t, uint64(3), exported.PriceEpoch)

	other := newPricesFixture(t)
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *exported))
	again, err := other.keeper.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)
	other.requirePrice("intel", f.price("intel").Price, 3, 0, 0)
}
