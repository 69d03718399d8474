package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// MaxRoundSamples is the hard bound of a round's size.
const MaxRoundSamples = 4096

const day = 24 * 60 * 60

// maxStages bounds how often a sample is judged again by itself.
const maxStages = 4

// maxAppealBond keeps the doubled bonds far from overflow: one million VMT.
var maxAppealBond = math.NewInt(1_000_000_000_000)

// DefaultParams are the parameters of a public network with 1 s blocks.
func DefaultParams() Params {
	return Params{
		RoundIntervalBlocks:    2,
		CommitWindowBlocks:     20,
		RevealWindowBlocks:     15,
		MaxRoundSamples:        MaxRoundSamples,
		MaxOpenRounds:          4,
		TallySamplesPerBlock:   2048,
		QuorumPpm:              500_000,
		MaliciousPpm:           340_000,
		SuspiciousPpm:          100_000,
		RetentionSeconds:       90 * day,
		MaxPrunesPerBlock:      64,
		MaxEnginesPerSupernode: 8,

		RetrospectiveDelaysSeconds: []uint64{7 * day, 30 * day},
		SlicesPpm:                  []uint32{400_000, 300_000, 300_000},
		SkillEpochs:                30,
		NewcomerSkillPpm:           200_000,
		NewcomerSamples:            50,
		StakeCapPpm:                1_500_000,
		OperatorCapPpm:             333_000,
		AppealBond:                 sdk.NewInt64Coin("uvmt", 100_000_000),
		AppealPanel:                3,
		MaxAppealLevels:            3,
		AppealWindowSeconds:        2 * day,
		MaxAppealsPerBlock:         8,
		AppealPanelPpm:             500_000,
	}
}

// Validate checks every parameter against its bounds.
func (p Params) Validate() error {
	for _, bound := range []struct {
		name             string
		value, low, high uint64
	}{
		{"round_interval_blocks", uint64(p.RoundIntervalBlocks), 1, 10_000},
		{"commit_window_blocks", uint64(p.CommitWindowBlocks), 1, 10_000},
		{"reveal_window_blocks", uint64(p.RevealWindowBlocks), 1, 10_000},
		{"max_round_samples", uint64(p.MaxRoundSamples), 1, MaxRoundSamples},
		{"max_open_rounds", uint64(p.MaxOpenRounds), 1, 16},
		{"tally_samples_per_block", uint64(p.TallySamplesPerBlock), PageSize, MaxRoundSamples},
		{"quorum_ppm", uint64(p.QuorumPpm), 0, ppm},
		{"malicious_ppm", uint64(p.MaliciousPpm), 1, ppm},
		{"suspicious_ppm", uint64(p.SuspiciousPpm), 1, uint64(p.MaliciousPpm)},
		{"retention_seconds", p.RetentionSeconds, 60, 3650 * day},
		{"max_prunes_per_block", uint64(p.MaxPrunesPerBlock), 1, 1024},
		{"max_engines_per_supernode", uint64(p.MaxEnginesPerSupernode), 1, MaxEngines},
		{"skill_epochs", uint64(p.SkillEpochs), 1, 90},
		{"newcomer_skill_ppm", uint64(p.NewcomerSkillPpm), 1, ppm},
		{"newcomer_samples", uint64(p.NewcomerSamples), 1, 100_000},
		{"stake_cap_ppm", uint64(p.StakeCapPpm), ppm / 10, 100 * ppm},
		{"operator_cap_ppm", uint64(p.OperatorCapPpm), ppm / 100, 333_333},
		{"appeal_panel", uint64(p.AppealPanel), 1, 31},
		{"max_appeal_levels", uint64(p.MaxAppealLevels), 1, maxAppealLevels},
		{"appeal_window_seconds", p.AppealWindowSeconds, 1, 60 * day},
		{"max_appeals_per_block", uint64(p.MaxAppealsPerBlock), 1, 100},
		{"appeal_panel_ppm", uint64(p.AppealPanelPpm), 0, ppm},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			return ErrInvalidParams.Wrapf("%s is %d, want %d..%d", bound.name, bound.value, bound.low, bound.high)
		}
	}
	if err := p.AppealBond.Validate(); err != nil || !p.AppealBond.IsPositive() {
		return ErrInvalidParams.Wrapf("appeal_bond %s is not a positive amount", p.AppealBond)
	}
	if p.AppealBond.Denom != samplestypes.Denom {
		return ErrInvalidParams.Wrapf("appeal_bond: denomination %q is not %s", p.AppealBond.Denom, samplestypes.Denom)
	}
	if p.AppealBond.Amount.GT(maxAppealBond) {
		return ErrInvalidParams.Wrapf("appeal_bond is %s, at most %s%s", p.AppealBond, maxAppealBond, p.AppealBond.Denom)
	}
	return p.validateStages()
}

// validateStages wants ascending delays that end before the vectors are pruned, and
// one slice more than delays that make a whole together.
func (p Params) validateStages() error {
	delays := p.RetrospectiveDelaysSeconds
	if len(delays) < 1 || len(delays) > maxStages {
		return ErrInvalidParams.Wrapf("retrospective_delays_seconds has %d entries, want 1..%d", len(delays), maxStages)
	}
	for i, delay := range delays {
		if delay == 0 || (i > 0 && delay <= delays[i-1]) {
			return ErrInvalidParams.Wrapf("retrospective_delays_seconds[%d] is %d, want ascending delays above 0", i, delay)
		}
	}
	if last := delays[len(delays)-1]; last > p.RetentionSeconds/2 {
		return ErrInvalidParams.Wrapf("retrospective_delays_seconds ends with %d, at most half of retention_seconds %d", last, p.RetentionSeconds)
	}
	if len(p.SlicesPpm) != len(delays)+1 {
		return ErrInvalidParams.Wrapf("slices_ppm has %d entries, want %d", len(p.SlicesPpm), len(delays)+1)
	}
	var sum uint64
	for _, slice := range p.SlicesPpm {
		sum += uint64(slice)
	}
	if sum != ppm {
		return ErrInvalidParams.Wrapf("slices_ppm sums to %d, want %d", sum, ppm)
	}
	return nil
}

// Rules returns the part of the parameters that a round copies when it opens.
func (p Params) Rules() RoundRules {
	return RoundRules{
		QuorumPpm:          p.QuorumPpm,
		MaliciousPpm:       p.MaliciousPpm,
		SuspiciousPpm:      p.SuspiciousPpm,
		RevealWindowBlocks: p.RevealWindowBlocks,

		RetrospectiveDelaysSeconds: p.RetrospectiveDelaysSeconds,
		SlicesPpm:                  p.SlicesPpm,
	}
}
