package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Denom is the only denomination the module takes; amounts in records are in it.
const Denom = "uvmt"

const (
	ppm = 1_000_000
	day = 24 * 60 * 60
	// maxNoveltyPpm keeps what a whole cluster is worth below 1.2 times its first member:
	// the sum of (1/6)^k.
	maxNoveltyPpm = ppm / 6
	// maxTarget bounds the targets, so that products with points stay small.
	maxTarget = 1_000_000_000
	// maxSighters bounds the operators that a cluster remembers.
	maxSighters = 16
)

// maxAmount bounds amounts that are parameters: one million VMT.
var maxAmount = math.NewInt(1_000_000_000_000)

// DefaultParams are the parameters of a public network with epochs of a day.
func DefaultParams() Params {
	return Params{
		ContributorsPpm:          500_000,
		EnginesPpm:               350_000,
		ContributorTargetSamples: 10_000,
		EngineTargetSamples:      100_000,
		StorageTargetGibDays:     300_000,
		ClaimWindowSeconds:       180 * day,
		MaxEpochsPerClaim:        64,

		RarityFloorPpm:    200_000,
		NoveltyPpm:        ppm / 6,
		SightingsFull:     2,
		FilePpm:           ppm,
		UrlPpm:            100_000,
		IntelPpm:          0,
		GatewayPpm:        ppm,
		DirectPpm:         ppm,
		CleanPpm:          100_000,
		NewcomerPoints:    10 * ppm,
		EstablishedPoints: 20 * ppm,
		SightingsPerEpoch: 1000,
		ClusterTtlSeconds: 180 * day,

		MaxCreditsPerBlock: 500,
		MaxPayoutsPerBlock: 50,
		MaxPrunesPerBlock:  500,

		MinBounty:           sdk.NewInt64Coin(Denom, 10_000_000),
		BountyFee:           sdk.NewInt64Coin(Denom, 1_000_000),
		MinBountySeconds:    day,
		MaxBountySeconds:    365 * day,
		MaxWanted:           256,
		MaxFunders:          32,
		MaxBountiesPerBlock: 16,
	}
}

// Validate checks every parameter against its bounds.
func (p Params) Validate() error {
	for _, bound := range []struct {
		name             string
		value, low, high uint64
	}{
		{"contributors_ppm", uint64(p.ContributorsPpm), 400_000, ppm},
		{"engines_ppm", uint64(p.EnginesPpm), 0, ppm - min(uint64(p.ContributorsPpm), ppm)},
		{"contributor_target_samples", p.ContributorTargetSamples, 1, maxTarget},
		{"engine_target_samples", p.EngineTargetSamples, 1, maxTarget},
		{"storage_target_gib_days", p.StorageTargetGibDays, 1, maxTarget},
		{"claim_window_seconds", p.ClaimWindowSeconds, 600, 3650 * day},
		{"max_epochs_per_claim", uint64(p.MaxEpochsPerClaim), 1, 366},
		{"rarity_floor_ppm", uint64(p.RarityFloorPpm), 0, ppm},
		{"novelty_ppm", uint64(p.NoveltyPpm), 0, maxNoveltyPpm},
		{"sightings_full", uint64(p.SightingsFull), 0, maxSighters},
		{"file_ppm", uint64(p.FilePpm), 0, ppm},
		{"url_ppm", uint64(p.UrlPpm), 0, ppm},
		{"intel_ppm", uint64(p.IntelPpm), 0, ppm},
		{"gateway_ppm", uint64(p.GatewayPpm), 0, ppm},
		{"direct_ppm", uint64(p.DirectPpm), 0, ppm},
		{"clean_ppm", uint64(p.CleanPpm), 0, ppm / 2},
		{"newcomer_points", p.NewcomerPoints, 0, 1000 * ppm},
		{"established_points", p.EstablishedPoints, 0, 1_000_000 * ppm},
		{"sightings_per_epoch", uint64(p.SightingsPerEpoch), 0, 100_000},
		{"cluster_ttl_seconds", p.ClusterTtlSeconds, 600, 3650 * day},
		{"max_credits_per_block", uint64(p.MaxCreditsPerBlock), 1, 4096},
		{"max_payouts_per_block", uint64(p.MaxPayoutsPerBlock), 1, 1000},
		{"max_prunes_per_block", uint64(p.MaxPrunesPerBlock), 1, 4096},
		{"min_bounty_seconds", p.MinBountySeconds, 1, 365 * day},
		{"max_bounty_seconds", p.MaxBountySeconds, p.MinBountySeconds, 3650 * day},
		{"max_wanted", uint64(p.MaxWanted), 0, maxWanted},
		{"max_funders", uint64(p.MaxFunders), 1, maxFunders},
		{"max_bounties_per_block", uint64(p.MaxBountiesPerBlock), 1, 100},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			return ErrInvalidParams.Wrapf("%s is %d, want %d..%d", bound.name, bound.value, bound.low, bound.high)
		}
	}
	if err := validateAmount("min_bounty", p.MinBounty); err != nil {
		return err
	}
	return validateAmount("bounty_fee", p.BountyFee)
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
