package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func bech32Of(b byte) string { return sdk.AccAddress{19: b}.String() }

// treasuryState has an epoch in each status: 0 is closed, 1 claimable, 2 pays, 3 accrues.
func treasuryState() *types.GenesisState {
	gs := types.DefaultGenesis()
	gs.Allocation = types.DefaultAllocation()
	gs.Schedule.Treasury = gs.Allocation.Contribution
	gs.NextEpoch = 3
	for epoch := range uint64(4) {
		rewards := types.NewEpochRewards(epoch)
		rewards.ContributorPoints, rewards.EnginePoints = 10, 10
		if epoch < 3 {
			rewards.StorageKibDays = 8
			rewards.Emission, rewards.Contributors = math.NewInt(1000), math.NewInt(500)
			rewards.Engines, rewards.Storage = math.NewInt(300), math.NewInt(200)
			rewards.SettledTime, rewards.CloseTime = 100, 200
			rewards.Status = types.EPOCH_STATUS_CLAIMABLE
		}
		gs.Epochs = append(gs.Epochs, rewards)
	}
	gs.Epochs[0].Status, gs.Epochs[0].Claimed = types.EPOCH_STATUS_CLOSED, math.NewInt(450)
	gs.Epochs[2].Status = types.EPOCH_STATUS_PAYING
	gs.Ledger = types.Ledger{Contributors: math.NewInt(450), Engines: math.NewInt(600), Storage: math.NewInt(400)}
	gs.Points = []types.Points{
		{Contributor: bech32Of(1), Epoch: 0, Points: 4, Claimed: math.NewInt(200)},
		{Contributor: bech32Of(1), Epoch: 1, Points: 7, Claimed: math.NewInt(350)},
		{Contributor: bech32Of(1), Epoch: 2, Points: 10, Claimed: math.ZeroInt()},
		{Contributor: bech32Of(2), Epoch: 1, Points: 3, Claimed: math.ZeroInt()},
		{Contributor: bech32Of(2), Epoch: 3, Points: 10, Claimed: math.ZeroInt()},
	}
	gs.Standings = []types.Standing{{Contributor: bech32Of(1), Points: 24}, {Contributor: bech32Of(2), Points: 13}}
	gs.Works = []types.OperatorWork{
		{Operator: bech32Of(5), Epoch: 2, EnginePoints: 4, Proved: 1, Challenged: 2, StorageKibDays: 8},
		{Operator: bech32Of(5), Epoch: 3, EnginePoints: 10},
		{Operator: bech32Of(6), Epoch: 4, Challenged: 1},
	}
	return gs
}

func TestTreasuryGenesisIsValidated(t *testing.T) {
	require.NoError(t, treasuryState().Validate())
	require.NoError(t, types.DefaultGenesis().Validate())
	for want, change := range map[string]func(*types.GenesisState){
		"schedule.period_epochs":     func(gs *types.GenesisState) { gs.Schedule.PeriodEpochs = 0 },
		"burned":                     func(gs *types.GenesisState) { gs.Burned = math.NewInt(-1) },
		"epochs[1]: epoch 0 is out":  func(gs *types.GenesisState) { gs.Epochs[1].Epoch = 0 },
		"epochs[0].emission":         func(gs *types.GenesisState) { gs.Epochs[0].Emission = math.Int{} },
		"epochs[1].engines":          func(gs *types.GenesisState) { gs.Epochs[1].Engines = math.NewInt(-1) },
		"1001 of an emission":        func(gs *types.GenesisState) { gs.Epochs[1].Storage = math.NewInt(201) },
		"501 claimed of 500":         func(gs *types.GenesisState) { gs.Epochs[0].Claimed = math.NewInt(501) },
		"points or 8 KiB-days":       func(gs *types.GenesisState) { gs.Epochs[0].EnginePoints = 1<<62 + 1 },
		"EPOCH_STATUS_UNSPECIFIED":   func(gs *types.GenesisState) { gs.Epochs[1].Status = 0 },
		"epoch 1 is EPOCH_STATUS_P":  func(gs *types.GenesisState) { gs.Epochs[1].Status = types.EPOCH_STATUS_PAYING },
		"epoch 2 is EPOCH_STATUS_A":  func(gs *types.GenesisState) { gs.Epochs[2].Status = types.EPOCH_STATUS_ACCRUING },
		"epoch 3 is EPOCH_STATUS_A":  func(gs *types.GenesisState) { gs.NextEpoch, gs.Epochs[2].Status = 4, types.EPOCH_STATUS_CLAIMABLE },
		"close_time 100":             func(gs *types.GenesisState) { gs.Epochs[1].CloseTime = 100 },
		"ledger.engines":             func(gs *types.GenesisState) { gs.Ledger.Engines = math.NewInt(-1) },
		"ledger.contributors is 449": func(gs *types.GenesisState) { gs.Ledger.Contributors = math.NewInt(449) },
		"2450 left the treasury":     func(gs *types.GenesisState) { gs.Schedule.Treasury = math.NewInt(2449) },
		"standings[0].contributor":   func(gs *types.GenesisState) { gs.Standings[0].Contributor = "nobody" },
		"standings[1]: contributor":  func(gs *types.GenesisState) { gs.Standings[1].Contributor = bech32Of(1) },
		"standings[0].points is 0":   func(gs *types.GenesisState) { gs.Standings[0].Points = 0 },
		"than the standing of":       func(gs *types.GenesisState) { gs.Standings[0].Points = 20 },
		"points[0].contributor":      func(gs *types.GenesisState) { gs.Points[0].Contributor = "" },
		"points[3]: ":                func(gs *types.GenesisState) { gs.Points[3] = gs.Points[1] },
		"points in epoch 9":          func(gs *types.GenesisState) { gs.Points[0].Epoch = 9 },
		"points[0]: 0 points":        func(gs *types.GenesisState) { gs.Points[0].Points = 0 },
		"want 0 or 350":              func(gs *types.GenesisState) { gs.Points[1].Claimed = math.NewInt(349) },
		"want 0 or 0":                func(gs *types.GenesisState) { gs.Points[4].Claimed = math.NewInt(1) },
		"more points than the 10":    func(gs *types.GenesisState) { gs.Points[2].Points = 11 },
		"epochs[1]: 3 of 10 points":  func(gs *types.GenesisState) { gs.Points = append(gs.Points[:3:3], gs.Points[4:]...) },
		"works[0].operator":          func(gs *types.GenesisState) { gs.Works[0].Operator = "VMT" },
		"works[1]: ":                 func(gs *types.GenesisState) { gs.Works[1] = gs.Works[0] },
		"epoch 1 has paid":           func(gs *types.GenesisState) { gs.Works[0].Epoch = 1 },
		"3 of 2 challenges":          func(gs *types.GenesisState) { gs.Works[0].Proved = 3 },
		"works[2]: 0 of 0":           func(gs *types.GenesisState) { gs.Works[2].Challenged = 0 },
		"works[0]: more points":      func(gs *types.GenesisState) { gs.Works[0].EnginePoints = 11 },
		"works[0]: more ":            func(gs *types.GenesisState) { gs.Works[0].StorageKibDays = 9 },
		"1 of 10 engine_points":      func(gs *types.GenesisState) { gs.Works[1].EnginePoints = 9 },
	} {
		t.Run(want, func(t *testing.T) {
			gs := treasuryState()
			change(gs)
			err := gs.Validate()
			require.ErrorIs(t, err, types.ErrInvalidGenesis)
			require.ErrorContains(t, err, want)
		})
	}
}
