package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Denom is what everything but a tranche of the sale is priced in.
const Denom = "uvmt"

const (
	ppm = 1_000_000
	day = 24 * 60 * 60
)

// maxAmount bounds amounts that are parameters: one million VMT.
var maxAmount = math.NewInt(1_000_000_000_000)

// DefaultParams are the parameters of a public network with blocks of a second and epochs
// of a day.
func DefaultParams() Params {
	return Params{
		Products:     DefaultProducts(),
		PriceStepPpm: 125_000,
		Rates: Rates{
			ContributorPpm: 400_000, EnginesPpm: 250_000, DelivererPpm: 150_000, StoragePpm: 100_000,
		},
		DeliveryWindowBlocks:  600,
		FallbackBlocks:        300,
		DisputeWindowBlocks:   1800,
		DisputeBond:           sdk.NewInt64Coin(Denom, 1_000_000),
		MaxOrdersPerMsg:       100,
		MaxClosingsPerBlock:   32,
		MaxDuesPerBlock:       100,
		MaxPeriods:            36,
		BundleDiscountPpm:     100_000,
		BundleFee:             sdk.NewInt64Coin(Denom, 10_000_000),
		OrderRetentionSeconds: 365 * day,
		FeedRetentionSeconds:  30 * day,
		MaxPrunesPerBlock:     500,
		MaxEpochsPerClaim:     64,
	}
}

// Validate checks every parameter against its bounds.
func (p Params) Validate() error {
	for _, bound := range []struct {
		name             string
		value, low, high uint64
	}{
		{"price_step_ppm", uint64(p.PriceStepPpm), 1_000, 500_000},
		{"delivery_window_blocks", uint64(p.DeliveryWindowBlocks), 2, 100_000},
		{"fallback_blocks", uint64(p.FallbackBlocks), 1, uint64(max(p.DeliveryWindowBlocks, 1) - 1)},
		{"dispute_window_blocks", uint64(p.DisputeWindowBlocks), 5, 1_000_000},
		{"max_orders_per_msg", uint64(p.MaxOrdersPerMsg), 1, 100},
		{"max_closings_per_block", uint64(p.MaxClosingsPerBlock), 1, 1000},
		{"max_dues_per_block", uint64(p.MaxDuesPerBlock), 1, 1000},
		{"max_periods", uint64(p.MaxPeriods), 1, 1000},
		{"bundle_discount_ppm", uint64(p.BundleDiscountPpm), 0, ppm / 2},
		{"order_retention_seconds", p.OrderRetentionSeconds, 60, 3650 * day},
		{"feed_retention_seconds", p.FeedRetentionSeconds, 600, 3650 * day},
		{"max_prunes_per_block", uint64(p.MaxPrunesPerBlock), 1, 4096},
		{"max_epochs_per_claim", uint64(p.MaxEpochsPerClaim), 1, 366},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			return ErrInvalidParams.Wrapf("%s is %d, want %d..%d", bound.name, bound.value, bound.low, bound.high)
		}
	}
	if err := p.Rates.Validate(); err != nil {
		return ErrInvalidParams.Wrap(err.Error())
	}
	if err := validateAmount("dispute_bond", p.DisputeBond); err != nil {
		return err
	}
	if err := validateAmount("bundle_fee", p.BundleFee); err != nil {
		return err
	}
	return validateProducts(p.Products)
}

func validateAmount(name string, coin sdk.Coin) error {
	switch {
	case coin.Denom != Denom:
		return ErrInvalidParams.Wrapf("%s: denomination %q is not %s", name, coin.Denom, Denom)
	case coin.Amount.IsNil() || coin.Amount.IsNegative() || coin.Amount.GT(maxAmount):
		return ErrInvalidParams.Wrapf("%s: %s is not in 0..%s%s", name, coin, maxAmount, Denom)
	}
	return nil
}
