package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Denom is the only denomination the module takes; amounts in records are in it.
const Denom = "uvmt"

// Bounds of the parameters. They keep sums and times far from overflow, and the
// work of one message and one block payable, whatever governance decides. The last two
// let a block look at 8 * 4 * MaxChallengeAttempts samples (BenchmarkDrawChallenges).
const (
	maxSizeBytes         = 4 << 30 // 4 GiB
	maxSamplesPerMsg     = 100
	maxClaimWindowBlocks = 100_000
	minTTLSeconds        = 600 // longer than any round, so that no member expires
	maxTTLSeconds        = 10 * 365 * 24 * 3600
	maxExpiriesPerBlock  = 10_000
	maxReplication       = 100
	maxChallengeWindow   = 100_000
	maxChallenges        = 8
	maxChallengedBlock   = 4
)

// maxAmount bounds the deposit and the rescan fee: one million VMT.
var maxAmount = math.NewInt(1_000_000_000_000)

// DefaultParams are the parameters of the network.
func DefaultParams() Params {
	return Params{
		Deposit:             sdk.NewInt64Coin(Denom, 1_000_000),
		RescanFee:           sdk.NewInt64Coin(Denom, 100_000),
		MaxSizeBytes:        650 << 20,
		MaxSamplesPerMsg:    maxSamplesPerMsg,
		ClaimWindowBlocks:   600,
		TtlSeconds:          365 * 24 * 3600,
		MaxExpiriesPerBlock: 500,

		Replication:           3,
		ChallengesPerEpoch:    4,
		ChallengeWindowBlocks: 600,
		MaxChallengedPerBlock: 4,
	}
}

// Validate checks every parameter against its bounds.
func (p Params) Validate() error {
	if err := validateAmount("deposit", p.Deposit); err != nil {
		return err
	}
	if err := validateAmount("rescan_fee", p.RescanFee); err != nil {
		return err
	}
	for _, bound := range []struct {
		name            string
		value, min, max uint64
	}{
		{"max_size_bytes", p.MaxSizeBytes, 1, maxSizeBytes},
		{"max_samples_per_msg", uint64(p.MaxSamplesPerMsg), 1, maxSamplesPerMsg},
		{"claim_window_blocks", uint64(p.ClaimWindowBlocks), 1, maxClaimWindowBlocks},
		{"ttl_seconds", p.TtlSeconds, minTTLSeconds, maxTTLSeconds},
		{"max_expiries_per_block", uint64(p.MaxExpiriesPerBlock), 1, maxExpiriesPerBlock},
		{"replication", uint64(p.Replication), 1, maxReplication},
		{"challenges_per_epoch", uint64(p.ChallengesPerEpoch), 0, maxChallenges},
		{"challenge_window_blocks", uint64(p.ChallengeWindowBlocks), 1, maxChallengeWindow},
		{"max_challenged_per_block", uint64(p.MaxChallengedPerBlock), 1, maxChallengedBlock},
	} {
		if bound.value < bound.min || bound.value > bound.max {
			return ErrInvalidParams.Wrapf("%s: %d is not in %d..%d", bound.name, bound.value, bound.min, bound.max)
		}
	}
	return nil
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
