package types_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/market/types"
)

const oneVMT = uint64(1_000_000)

func TestNextPrice(t *testing.T) {
	product := types.Product{Floor: 100, Ceiling: 10 * oneVMT, Target: 1000}
	for name, test := range map[string]struct {
		price, demand, want uint64
	}{
		"on target":               {oneVMT, 1000, oneVMT},
		"half too much":           {oneVMT, 1500, 1_062_500},
		"twice":                   {oneVMT, 2000, 1_125_000},
		"more counts as twice":    {oneVMT, 1 << 63, 1_125_000},
		"a little too little":     {oneVMT, 999, 999_875},
		"none":                    {oneVMT, 0, 875_000},
		"at least one up":         {101, 1001, 102},
		"at least one down":       {101, 999, 100},
		"not below the floor":     {101, 0, 100},
		"not above the ceiling":   {10*oneVMT - 1, 2000, 10 * oneVMT},
		"from below a new floor":  {1, 0, 100},
		"from above a new limit":  {11 * oneVMT, 1000, 10 * oneVMT},
		"rounds towards the past": {1007, 2000, 1132}, // 125.875 up
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, types.NextPrice(product, test.price, test.demand, 125_000))
		})
	}
}

// FuzzNextPrice takes any parameters that are valid and requires that the price stays in its
// bounds, moves by no more than the step, the right way, and further for more demand.
func FuzzNextPrice(f *testing.F) {
	f.Add(oneVMT, oneVMT/100, 1000*oneVMT, uint64(1000), uint64(0), uint32(125_000))
	f.Add(uint64(1), uint64(1), uint64(1), uint64(1), uint64(1)<<63, uint32(500_000))
	f.Add(1_000_000*oneVMT, uint64(1), 1_000_000*oneVMT, uint64(1_000_000_000), uint64(1_999_999_999), uint32(1_000))
	f.Fuzz(func(t *testing.T, price, floor, ceiling, target, demand uint64, step uint32) {
		floor = 1 + floor%(1_000_000*oneVMT)
		ceiling = floor + ceiling%(1_000_000*oneVMT-floor+1)
		price = floor + price%(ceiling-floor+1)
		target = 1 + target%1_000_000_000
		step = 1_000 + step%499_001
		params := types.DefaultParams()
		params.PriceStepPpm = step
		product := types.Product{
			Id: "any", Kind: types.PRODUCT_KIND_SAMPLE, MaxSizeBytes: 1, InitialPrice: price, Floor: floor, Ceiling: ceiling, Target: target,
		}
		params.Products = []types.Product{product}
		require.NoError(t, params.Validate())

		next := types.NextPrice(product, price, demand, step)
		require.GreaterOrEqual(t, next, floor)
		require.LessOrEqual(t, next, ceiling)
		most := new(big.Int).Mul(new(big.Int).SetUint64(price), big.NewInt(int64(step)))
		most.Quo(most, big.NewInt(1_000_000))
		moved := max(next, price) - min(next, price)
		require.LessOrEqual(t, moved, max(1, most.Uint64()), "moved from %d to %d", price, next)
		switch {
		case demand == target:
			require.Equal(t, price, next)
		case demand > target:
			require.GreaterOrEqual(t, next, min(price+1, ceiling))
		default:
			require.LessOrEqual(t, next, max(price-1, floor))
		}
		for _, more := range []uint64{demand + 1, demand + demand/2 + 1} {
			if more > demand { // and did not overflow
				require.GreaterOrEqual(t, types.NextPrice(product, price, more, step), next)
			}
		}
	})
}

// Buyers who buy the target at a fair price, more below it and less above, end up there,
// wherever the price starts.
func TestPriceConverges(t *testing.T) {
	const fair = 3 * oneVMT
	product := types.Product{Floor: fair / 100, Ceiling: fair * 100, Target: 1000}
	for _, elasticity := range []int{1, 2, 3} {
		for _, start := range []uint64{product.Floor, product.Ceiling, fair + 1} {
			t.Run(fmt.Sprintf("elasticity %d from %d", elasticity, start), func(t *testing.T) {
				price := start
				for epoch := range 200 {
					demand := math.NewIntFromUint64(product.Target)
					for range elasticity {
						demand = demand.MulRaw(int64(fair)).Quo(math.NewIntFromUint64(price))
					}
					price = types.NextPrice(product, price, demand.Uint64(), 125_000)
					if epoch >= 100 {
						require.InEpsilon(t, fair, price, 0.01, "epoch %d", epoch)
					}
				}
			})
		}
	}
}

func pricedOrder(product string, price int64, status types.OrderStatus) types.Order {
	return types.Order{Id: []byte(product), Product: product, Price: math.NewInt(price), Status: status}
}

func TestPriceCountsOrders(t *testing.T) {
	price := types.NewPrice("intel", 7)
	price.Add(pricedOrder("intel", 7, types.ORDER_STATUS_OPEN))
	price.Add(pricedOrder("intel", 9, types.ORDER_STATUS_OPEN))
	require.Equal(t, types.Price{Product: "intel", Price: 7, Demand: 2, OpenOrders: 2, Escrowed: math.NewInt(16)}, price)

	require.NoError(t, price.Remove(pricedOrder("intel", 7, types.ORDER_STATUS_OPEN)))
	require.ErrorIs(t, price.Remove(pricedOrder("intel", 10, types.ORDER_STATUS_OPEN)), types.ErrInvariant, "more than is escrowed")
	require.NoError(t, price.Remove(pricedOrder("intel", 9, types.ORDER_STATUS_OPEN)))
	require.ErrorIs(t, price.Remove(pricedOrder("intel", 0, types.ORDER_STATUS_OPEN)), types.ErrInvariant, "none is on order")
	require.Zero(t, price.OpenOrders)
	require.True(t, price.Escrowed.IsZero(), "%s is left", price.Escrowed)
	require.Equal(t, uint64(2), price.Demand, "orders that ended were demand")
}

func TestBookCountsWhatHasNotEnded(t *testing.T) {
	book := make(types.Book)
	for _, status := range []types.OrderStatus{
		types.ORDER_STATUS_OPEN, types.ORDER_STATUS_DELIVERED, types.ORDER_STATUS_WRONG,
		types.ORDER_STATUS_SETTLED, types.ORDER_STATUS_REFUNDED,
	} {
		book.Add(pricedOrder("intel", 5, status))
	}
	require.ErrorIs(t, book.CheckRest(), types.ErrInvariant)
	require.NoError(t, book.Check(types.Price{Product: "intel", OpenOrders: 3, Escrowed: math.NewInt(15)}))
	require.NoError(t, book.CheckRest())
	require.NoError(t, book.Check(types.NewPrice("other", 1)))
	require.ErrorIs(t, book.Check(types.Price{Product: "other", OpenOrders: 1, Escrowed: math.ZeroInt()}), types.ErrInvariant)
	require.ErrorIs(t, book.Check(types.Price{Product: "other", Escrowed: math.OneInt()}), types.ErrInvariant)
}
