package types

// MaxRoundSamples is the hard bound of a round's size.
const MaxRoundSamples = 4096

const day = 24 * 60 * 60

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
		MaliciousPpm:           300_000,
		SuspiciousPpm:          100_000,
		RetentionSeconds:       90 * day,
		MaxPrunesPerBlock:      64,
		MaxEnginesPerSupernode: 8,
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
	} {
		if bound.value < bound.low || bound.value > bound.high {
			return ErrInvalidParams.Wrapf("%s is %d, want %d..%d", bound.name, bound.value, bound.low, bound.high)
		}
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
	}
}
