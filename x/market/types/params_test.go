package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

func TestParamsRefusals(t *testing.T) {
	coin := func(denom string, amount math.Int) sdk.Coin { return sdk.Coin{Denom: denom, Amount: amount} }
	for name, refused := range map[string]struct {
		change func(*types.Params)
		says   string
	}{
		"tiny step":            {func(p *types.Params) { p.PriceStepPpm = 999 }, "price_step_ppm is 999, want 1000..500000"},
		"huge step":            {func(p *types.Params) { p.PriceStepPpm = 500_001 }, "price_step_ppm"},
		"short delivery":       {func(p *types.Params) { p.DeliveryWindowBlocks = 1 }, "delivery_window_blocks"},
		"long delivery":        {func(p *types.Params) { p.DeliveryWindowBlocks = 100_001 }, "delivery_window_blocks"},
		"no delivery":          {func(p *types.Params) { p.DeliveryWindowBlocks = 0 }, "delivery_window_blocks"},
		"nobody is assigned":   {func(p *types.Params) { p.FallbackBlocks = 0 }, "fallback_blocks"},
		"no fallback":          {func(p *types.Params) { p.FallbackBlocks = p.DeliveryWindowBlocks }, "fallback_blocks is 600, want 1..599"},
		"no time to dispute":   {func(p *types.Params) { p.DisputeWindowBlocks = 4 }, "dispute_window_blocks"},
		"disputes for ever":    {func(p *types.Params) { p.DisputeWindowBlocks = 1_000_001 }, "dispute_window_blocks"},
		"no orders":            {func(p *types.Params) { p.MaxOrdersPerMsg = 0 }, "max_orders_per_msg"},
		"too many orders":      {func(p *types.Params) { p.MaxOrdersPerMsg = 101 }, "max_orders_per_msg"},
		"nothing ends":         {func(p *types.Params) { p.MaxClosingsPerBlock = 0 }, "max_closings_per_block"},
		"too much ends":        {func(p *types.Params) { p.MaxClosingsPerBlock = 1001 }, "max_closings_per_block"},
		"nothing is due":       {func(p *types.Params) { p.MaxDuesPerBlock = 0 }, "max_dues_per_block"},
		"too much is due":      {func(p *types.Params) { p.MaxDuesPerBlock = 1001 }, "max_dues_per_block"},
		"no periods":           {func(p *types.Params) { p.MaxPeriods = 0 }, "max_periods"},
		"too many periods":     {func(p *types.Params) { p.MaxPeriods = 1001 }, "max_periods"},
		"more than half off":   {func(p *types.Params) { p.BundleDiscountPpm = 500_001 }, "bundle_discount_ppm"},
		"orders forgotten":     {func(p *types.Params) { p.OrderRetentionSeconds = 59 }, "order_retention_seconds"},
		"orders for ever":      {func(p *types.Params) { p.OrderRetentionSeconds = 3650*24*60*60 + 1 }, "order_retention_seconds"},
		"feeds forgotten":      {func(p *types.Params) { p.FeedRetentionSeconds = 599 }, "feed_retention_seconds"},
		"feeds for ever":       {func(p *types.Params) { p.FeedRetentionSeconds = 1 << 63 }, "feed_retention_seconds"},
		"nothing is pruned":    {func(p *types.Params) { p.MaxPrunesPerBlock = 0 }, "max_prunes_per_block"},
		"too much is pruned":   {func(p *types.Params) { p.MaxPrunesPerBlock = 4097 }, "max_prunes_per_block"},
		"nothing is claimed":   {func(p *types.Params) { p.MaxEpochsPerClaim = 0 }, "max_epochs_per_claim"},
		"too much is claimed":  {func(p *types.Params) { p.MaxEpochsPerClaim = 367 }, "max_epochs_per_claim"},
		"more than is paid":    {func(p *types.Params) { p.Rates.StoragePpm = 200_001 }, "rates sum up to 1000001 ppm"},
		"rates that overflow":  {func(p *types.Params) { p.Rates.StoragePpm = 1<<32 - 1 }, "rates sum up to"},
		"bond in another coin": {func(p *types.Params) { p.DisputeBond = coin("uother", math.OneInt()) }, `dispute_bond: denomination "uother"`},
		"bond of nothing":      {func(p *types.Params) { p.DisputeBond = coin(types.Denom, math.Int{}) }, "dispute_bond"},
		"bond below nothing":   {func(p *types.Params) { p.DisputeBond = coin(types.Denom, math.NewInt(-1)) }, "dispute_bond: -1uvmt is not in 0.."},
		"fee in another coin":  {func(p *types.Params) { p.BundleFee = coin("", math.OneInt()) }, `bundle_fee: denomination ""`},
		"fee of a fortune":     {func(p *types.Params) { p.BundleFee = coin(types.Denom, math.NewInt(1_000_000_000_001)) }, "bundle_fee"},
	} {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			refused.change(&params)
			err := params.Validate()
			require.ErrorIs(t, err, types.ErrInvalidParams)
			require.ErrorContains(t, err, refused.says)
		})
	}
}

// The least that is allowed is allowed.
func TestParamsAtTheirBounds(t *testing.T) {
	params := types.DefaultParams()
	params.Products, params.PriceStepPpm = nil, 1_000
	params.DeliveryWindowBlocks, params.FallbackBlocks, params.DisputeWindowBlocks = 2, 1, 5
	params.BundleDiscountPpm, params.Rates = 500_000, types.Rates{ContributorPpm: 1_000_000}
	params.DisputeBond.Amount, params.BundleFee.Amount = math.ZeroInt(), math.NewInt(1_000_000_000_000)
	require.NoError(t, params.Validate())
}

func TestDiscounted(t *testing.T) {
	params := types.DefaultParams()
	for discount, want := range map[uint32]uint64{0: 1_000_003, 1: 1_000_002, 100_000: 900_003, 500_000: 500_002} {
		params.BundleDiscountPpm = discount
		require.Equal(t, want, params.Discounted(1_000_003), "discount %d", discount)
	}
	require.Equal(t, uint64(1), params.Discounted(1))
}
