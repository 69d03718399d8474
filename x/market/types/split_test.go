package types

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"
)

func TestDivide(t *testing.T) {
	thirds := Rates{ContributorPpm: 333_333, EnginesPpm: 333_333, DelivererPpm: 333_333}
	for name, test := range map[string]struct {
		rates   Rates
		payment int64
		want    [5]int64
	}{
		"default":      {DefaultParams().Rates, 1_000_000, [5]int64{400_000, 250_000, 150_000, 100_000, 100_000}},
		"odd":          {DefaultParams().Rates, 999_999, [5]int64{399_999, 249_999, 149_999, 99_999, 100_003}},
		"one":          {DefaultParams().Rates, 1, [5]int64{0, 0, 0, 0, 1}},
		"nothing":      {DefaultParams().Rates, 0, [5]int64{}},
		"thirds":       {thirds, 10, [5]int64{3, 3, 3, 0, 1}},
		"all burned":   {Rates{}, 10, [5]int64{0, 0, 0, 0, 10}},
		"none burned":  {Rates{StoragePpm: ppm}, 10, [5]int64{0, 0, 0, 10, 0}},
		"beyond int64": {Rates{ContributorPpm: ppm}, 1 << 62, [5]int64{1 << 62}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, test.rates.Validate())
			split := test.rates.Divide(math.NewInt(test.payment))
			for i, part := range []math.Int{split.Contributor, split.Engines, split.Deliverer, split.Storage, split.Burned} {
				require.Equal(t, fmt.Sprint(test.want[i]), part.String(), "part %d", i)
			}
			require.Equal(t, fmt.Sprint(test.payment), split.Sum().String())
		})
	}
}

func TestRatesOfMoreThanAll(t *testing.T) {
	require.NoError(t, Rates{ContributorPpm: ppm}.Validate())
	require.ErrorContains(t, Rates{ContributorPpm: ppm, StoragePpm: 1}.Validate(), "1000001 ppm")
	require.Error(t, Rates{ContributorPpm: 1 << 31, EnginesPpm: 1 << 31}.Validate(), "their sum is 0 in 32 bits")
}

// Nothing appears or is lost, whatever the rates and the payment.
func FuzzPartsSumUp(f *testing.F) {
	f.Add(uint32(400_000), uint32(250_000), uint32(150_000), uint32(100_000), uint64(1_000_000))
	f.Add(uint32(1), uint32(0), uint32(999_999), uint32(0), uint64(1)<<63)
	f.Fuzz(func(t *testing.T, contributor, engines, deliverer, storage uint32, amount uint64) {
		rates := Rates{ContributorPpm: contributor, EnginesPpm: engines, DelivererPpm: deliverer, StoragePpm: storage}
		if rates.Validate() != nil {
			t.Skip()
		}
		payment := math.NewIntFromUint64(amount)
		split := rates.Divide(payment)
		require.True(t, payment.Equal(split.Sum()))
		for _, part := range []math.Int{split.Contributor, split.Engines, split.Deliverer, split.Storage, split.Burned} {
			require.False(t, part.IsNegative())
		}
		require.NoError(t, Order{Status: ORDER_STATUS_SETTLED, Price: payment, Split: split}.ValidateSplit())
	})
}
