package network

// FastGenesis sets the parameters of a network that is looked at for minutes, not
// for months: short epochs, windows and retention, and any quorum.
func FastGenesis(genesis map[string]any) {
	for path, value := range map[string]any{
		"app_state.epochs.epochs.0.duration":                     "60s",
		"app_state.supernode.params.unbonding_seconds":           "120",
		"app_state.supernode.params.redelegation_seconds":        "60",
		"app_state.supernode.params.liveness_window":             32,
		"app_state.supernode.params.jail_seconds":                "60",
		"app_state.samples.params.challenge_window_blocks":       25,
		"app_state.samples.params.deposit.amount":                "10000",
		"app_state.samples.params.rescan_fee.amount":             "1000",
		"app_state.verdicts.params.round_interval_blocks":        1,
		"app_state.verdicts.params.commit_window_blocks":         15,
		"app_state.verdicts.params.reveal_window_blocks":         10,
		"app_state.verdicts.params.quorum_ppm":                   0,
		"app_state.verdicts.params.retention_seconds":            "3600",
		"app_state.verdicts.params.retrospective_delays_seconds": []string{"60", "180"},
		"app_state.verdicts.params.appeal_bond.amount":           "1000000",
		"app_state.verdicts.params.appeal_window_seconds":        "60",
		"app_state.market.params.delivery_window_blocks":         30,
		"app_state.market.params.fallback_blocks":                15,
		"app_state.market.params.dispute_window_blocks":          30,
		"app_state.market.params.order_retention_seconds":        "3600",
	} {
		Set(genesis, path, value)
	}
}

// DemoGenesis is FastGenesis for one supernode and a person who looks on: an epoch, and
// with it the first reward, ends within half a minute.
func DemoGenesis(genesis map[string]any) {
	FastGenesis(genesis)
	for path, value := range map[string]any{
		"app_state.epochs.epochs.0.duration": "20s",
		// Points wait until no older claim can turn up.
		"app_state.samples.params.claim_window_blocks": 5,
		// A single supernode has nobody beside it who could have seen a sample too.
		"app_state.bounty.params.sightings_full": 0,
		// A handful of samples is a good share of what a day's reward is for.
		"app_state.bounty.params.contributor_target_samples": "10",
	} {
		Set(genesis, path, value)
	}
}
