package types

import (
	"math"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Limits of the parameters. The lower limit of every count is 1.
const (
	MaxActiveLimit           = 100
	MaxUnbondingSeconds      = 365 * 24 * 60 * 60
	MaxEpochIdentifierBytes  = 64
	MaxVaultKeyGraceBlocks   = 100_000
	MaxEpochsKept            = 10_000
	MaxUnbondingsPerBlockCap = 1_000
	MaxLivenessWindow        = 1024
	MinLivenessWindow        = 8

	ppm = 1_000_000
)

// MaxStake is the largest bond or stake in uvmt: stakes are ordered as 64-bit keys.
const MaxStake = math.MaxUint64

// DefaultParams are the parameters of the public network.
func DefaultParams() Params {
	return Params{
		MaxActive:             21,
		MinSelfBond:           sdk.NewInt64Coin("uvmt", 10_000_000_000), // 10,000 VMT
		UnbondingSeconds:      21 * 24 * 60 * 60,
		EpochIdentifier:       "day",
		VaultKeyGraceBlocks:   30,
		EpochsKept:            60,
		MaxUnbondingsPerBlock: 20,

		MaxUnbondingsPerDelegation: 7,
		RedelegationSeconds:        3 * 24 * 60 * 60, // longer than an appeal stays open
		MinDelegation:              1_000_000,        // 1 VMT
		MaxCommissionChangePpm:     10_000,
		LivenessWindow:             256,
		MinPerformedPpm:            500_000,
		JailSeconds:                600,
		MaxJails:                   5,
		UnrevealedTolerance:        2,
		StorageMissTolerance:       1,
		SlashUnrevealedPpm:         1_000,
		SlashLostAppealPpm:         10_000,
		SlashNonDeliveryPpm:        20_000,
		SlashStorageFraudPpm:       20_000,
		SlashVaultKeyPpm:           50_000,
		DelegatorSharePpm:          500_000,
		BeaconIdleBlocks:           30,
	}
}

// Validate returns ErrInvalidParams naming the first parameter out of its range.
func (p Params) Validate() error {
	if err := checkRange("max_active", uint64(p.MaxActive), MaxActiveLimit); err != nil {
		return err
	}
	if err := p.MinSelfBond.Validate(); err != nil {
		return ErrInvalidParams.Wrapf("min_self_bond: %v", err)
	}
	if err := CheckStake(p.MinSelfBond.Amount); err != nil {
		return ErrInvalidParams.Wrapf("min_self_bond: %v", err)
	}
	if err := checkRange("unbonding_seconds", p.UnbondingSeconds, MaxUnbondingSeconds); err != nil {
		return err
	}
	if size := len(p.EpochIdentifier); size < 1 || size > MaxEpochIdentifierBytes {
		return ErrInvalidParams.Wrapf("epoch_identifier has %d bytes, want 1 to %d", size, MaxEpochIdentifierBytes)
	}
	if err := checkRange("vault_key_grace_blocks", uint64(p.VaultKeyGraceBlocks), MaxVaultKeyGraceBlocks); err != nil {
		return err
	}
	if err := checkRange("epochs_kept", uint64(p.EpochsKept), MaxEpochsKept); err != nil {
		return err
	}
	for _, count := range []struct {
		name         string
		value, limit uint64
	}{
		{"max_unbondings_per_block", uint64(p.MaxUnbondingsPerBlock), MaxUnbondingsPerBlockCap},
		{"max_unbondings_per_delegation", uint64(p.MaxUnbondingsPerDelegation), 100},
		{"redelegation_seconds", p.RedelegationSeconds, MaxUnbondingSeconds},
		{"min_delegation", p.MinDelegation, ppm * ppm},
		{"liveness_window", uint64(p.LivenessWindow), MaxLivenessWindow},
		{"jail_seconds", p.JailSeconds, MaxUnbondingSeconds},
		{"max_jails", uint64(p.MaxJails), 1_000},
		{"beacon_idle_blocks", uint64(p.BeaconIdleBlocks), 10_000},
	} {
		if err := checkRange(count.name, count.value, count.limit); err != nil {
			return err
		}
	}
	if p.LivenessWindow < MinLivenessWindow {
		return ErrInvalidParams.Wrapf("liveness_window is %d, want %d to %d", p.LivenessWindow, MinLivenessWindow, MaxLivenessWindow)
	}
	for _, bound := range []struct {
		name         string
		value, limit uint32
	}{
		{"max_commission_change_ppm", p.MaxCommissionChangePpm, ppm},
		{"min_performed_ppm", p.MinPerformedPpm, ppm},
		{"unrevealed_tolerance", p.UnrevealedTolerance, 10_000},
		{"storage_miss_tolerance", p.StorageMissTolerance, 16},
		{"slash_unrevealed_ppm", p.SlashUnrevealedPpm, maxSlashPpm},
		{"slash_lost_appeal_ppm", p.SlashLostAppealPpm, maxSlashPpm},
		{"slash_non_delivery_ppm", p.SlashNonDeliveryPpm, maxSlashPpm},
		{"slash_storage_fraud_ppm", p.SlashStorageFraudPpm, maxSlashPpm},
		{"slash_vault_key_ppm", p.SlashVaultKeyPpm, maxSlashPpm},
		{"delegator_share_ppm", p.DelegatorSharePpm, ppm},
	} {
		if bound.value > bound.limit {
			return ErrInvalidParams.Wrapf("%s is %d, want 0 to %d", bound.name, bound.value, bound.limit)
		}
	}
	return nil
}

// maxSlashPpm bounds every slash, so that no parameter can take a bond at one stroke.
const maxSlashPpm = 250_000

// ValidateChange refuses a change of what recorded state is expressed in: bonds
// carry no denom of their own, and epochs are numbered by the timer.
func (p Params) ValidateChange(next Params) error {
	if next.MinSelfBond.Denom != p.MinSelfBond.Denom {
		return ErrInvalidParams.Wrapf("min_self_bond: denom is fixed at genesis to %s, got %s", p.MinSelfBond.Denom, next.MinSelfBond.Denom)
	}
	if next.EpochIdentifier != p.EpochIdentifier {
		return ErrInvalidParams.Wrapf("epoch_identifier is fixed at genesis to %q, got %q", p.EpochIdentifier, next.EpochIdentifier)
	}
	return nil
}

// Bond is an amount of the bond denom.
func (p Params) Bond(amount sdkmath.Int) sdk.Coin {
	return sdk.NewCoin(p.MinSelfBond.Denom, amount)
}

// CheckBond returns ErrInvalidBond unless field holds a positive amount of the bond denom.
func (p Params) CheckBond(field string, coin sdk.Coin) error {
	if err := coin.Validate(); err != nil {
		return ErrInvalidBond.Wrapf("%s: %v", field, err)
	}
	if coin.Denom != p.MinSelfBond.Denom {
		return ErrInvalidBond.Wrapf("%s is in %s, want %s", field, coin.Denom, p.MinSelfBond.Denom)
	}
	if err := CheckStake(coin.Amount); err != nil {
		return ErrInvalidBond.Wrapf("%s: %v", field, err)
	}
	return nil
}

// CheckStake returns ErrInvalidBond unless amount lies in 1..MaxStake.
func CheckStake(amount sdkmath.Int) error {
	if amount.IsNil() || !amount.IsPositive() || !amount.IsUint64() {
		return ErrInvalidBond.Wrapf("amount is %s, want 1 to %d", amount, uint64(MaxStake))
	}
	return nil
}

func checkRange(name string, value, limit uint64) error {
	if value < 1 || value > limit {
		return ErrInvalidParams.Wrapf("%s is %d, want 1 to %d", name, value, limit)
	}
	return nil
}
