package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// appealing is a chain with a truth and appeals that wait for a draw, are in a round,
// are decided, and wait for the draw of their second level; the hashes are in that order.
func appealing(t *testing.T) (*fixture, [][]byte) {
	f := newFixture(t, seated(5)...)
	won := f.judged("won", types.CATEGORY_MALICIOUS)
	f.fund(publisher, 100*bond)
	require.NoError(t, f.appeal(publisher, won, types.OUTCOME_CLEAN, bond))
	f.judge(won, types.CATEGORY_UNDETECTED)
	f.pass(window)

	escalated := f.judged("escalated", types.CATEGORY_MALICIOUS)
	decided := f.judged("decided", types.CATEGORY_UNDETECTED)
	running := f.judged("running", types.CATEGORY_MALICIOUS)
	waiting := f.judged("waiting", types.CATEGORY_MALICIOUS)
	require.NoError(t, f.appeal(publisher, escalated, types.OUTCOME_CLEAN, bond))
	f.judge(escalated, types.CATEGORY_UNDETECTED)
	require.NoError(t, f.appeal(publisher, decided, types.OUTCOME_MALICIOUS, bond))
	f.judge(decided, types.CATEGORY_UNDETECTED)
	require.NoError(t, f.appeal(publisher, running, types.OUTCOME_CLEAN, bond))
	f.drawPanel(running)
	require.NoError(t, f.escalate(publisher, escalated, 2*bond))
	require.NoError(t, f.appeal(publisher, waiting, types.OUTCOME_CLEAN, bond))
	hashes := [][]byte{waiting, running, decided, escalated}
	for i, want := range []types.AppealStatus{
		types.APPEAL_STATUS_DRAW, types.APPEAL_STATUS_ROUND, types.APPEAL_STATUS_DECIDED, types.APPEAL_STATUS_DRAW,
	} {
		require.Equal(t, want, f.appealOf(hashes[i]).Status)
	}
	return f, hashes
}

func TestGenesisRoundTripMidAppeal(t *testing.T) {
	f, hashes := appealing(t)
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	require.Len(t, exported.Appeals, 4)
	require.Len(t, exported.Truths, 1)
	samples, err := f.samples.ExportGenesis(f.ctx)
	require.NoError(t, err)

	other := newFixture(t, seated(5)...)
	other.ctx = other.ctx.WithBlockHeader(f.ctx.BlockHeader())
	other.fund(samplestypes.DepositAddress(contributor), f.balance(samplestypes.DepositAddress(contributor)))
	for _, hash := range hashes {
		other.fund(types.AppealAddress(hash), f.balance(types.AppealAddress(hash)))
	}
	require.NoError(t, other.samples.InitGenesis(other.ctx, *samples))
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *exported))
	again, err := other.keeper.ExportGenesis(other.ctx)
	require.NoError(t, err)
	want, err := exported.Marshal()
	require.NoError(t, err)
	got, err := again.Marshal()
	require.NoError(t, err)
	require.Equal(t, want, got)

	// Every appeal goes on where it was; the salts of the running round draw the others' panels.
	other.endBlock()
	other.hear(other.round(other.appealOf(hashes[1]).NewestRound()), types.CATEGORY_UNDETECTED)
	for _, hash := range [][]byte{hashes[0], hashes[3]} {
		other.hear(other.round(other.appealOf(hash).NewestRound()), types.CATEGORY_UNDETECTED)
	}
	other.pass(window)
	for _, hash := range hashes {
		other.requireNoAppeal(hash)
		other.requireOutcome(hash, types.OUTCOME_CLEAN)
	}
}

func TestGenesisRefusesAppeals(t *testing.T) {
	f, hashes := appealing(t)
	for name, change := range map[string]func(gs *types.GenesisState, of func(int) *types.Appeal){
		"hash":            func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Sha256 = nil },
		"twice":           func(gs *types.GenesisState, _ func(int) *types.Appeal) { gs.Appeals[1] = gs.Appeals[0] },
		"claim":           func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Claimed = types.OUTCOME_SUSPICIOUS },
		"evidence":        func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Evidence = "\n" },
		"contested claim": func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).ContestedOutcome = of(0).Claimed },
		"contested invalid": func(_ *types.GenesisState, of func(int) *types.Appeal) {
			of(0).ContestedOutcome = types.OUTCOME_INVALID
		},
		"no bond":         func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Bonds = nil },
		"bond of nobody":  func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Bonds[0].Address = "x" },
		"bond without":    func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Bonds[0].Amount = math.Int{} },
		"bond of zero":    func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Bonds[0].Amount = math.ZeroInt() },
		"bond of another": func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Bonds[0].Address = defender.String() },
		"bond against":    func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Bonds[0].ForAppeal = false },
		"level":           func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Level = 1 },
		"status": func(_ *types.GenesisState, of func(int) *types.Appeal) {
			of(0).Status = types.APPEAL_STATUS_UNSPECIFIED
		},
		"closing too early": func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).CloseTime = 1 },
		"unknown round":     func(_ *types.GenesisState, of func(int) *types.Appeal) { of(1).Rounds[0] = 1_000 },
		"ordinary round":    func(_ *types.GenesisState, of func(int) *types.Appeal) { of(1).Rounds[0] = 1 },
		"no round":          func(_ *types.GenesisState, of func(int) *types.Appeal) { of(1).Rounds = nil },
		"draw in its round": func(_ *types.GenesisState, of func(int) *types.Appeal) { of(1).Status = types.APPEAL_STATUS_DRAW },
		"never closing":     func(_ *types.GenesisState, of func(int) *types.Appeal) { of(2).CloseTime = 0 },
		"no decision":       func(_ *types.GenesisState, of func(int) *types.Appeal) { of(2).Decision = types.OUTCOME_UNSPECIFIED },
		"invalid decision":  func(_ *types.GenesisState, of func(int) *types.Appeal) { of(0).Decision = types.OUTCOME_INVALID },
		"escalated nothing": func(_ *types.GenesisState, of func(int) *types.Appeal) { of(3).Decision = types.OUTCOME_UNSPECIFIED },
		"truth": func(gs *types.GenesisState, _ func(int) *types.Appeal) {
			gs.Truths[0].Outcome = types.OUTCOME_SUSPICIOUS
		},
		"truth of nothing": func(gs *types.GenesisState, _ func(int) *types.Appeal) { gs.Truths[0].Sha256 = nil },
		"truth twice":      func(gs *types.GenesisState, _ func(int) *types.Appeal) { gs.Truths = append(gs.Truths, gs.Truths[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			exported, err := f.keeper.ExportGenesis(f.ctx)
			require.NoError(t, err)
			data, err := exported.Marshal()
			require.NoError(t, err)
			var gs types.GenesisState // a copy, as the export shares memory with the store
			require.NoError(t, gs.Unmarshal(data))
			change(&gs, func(i int) *types.Appeal {
				for at := range gs.Appeals {
					if string(gs.Appeals[at].Sha256) == string(hashes[i]) {
						return &gs.Appeals[at]
					}
				}
				t.Fatal("no such appeal")
				return nil
			})
			require.ErrorIs(t, gs.Validate(), types.ErrInvalidGenesis)
		})
	}
}

func TestAppealsInvariantNoticesDamage(t *testing.T) {
	f, hashes := appealing(t)
	good := f.ctx
	for name, damage := range map[string]func(){
		"lost queue":  func() { require.NoError(t, f.keeper.AppealQueue.Clear(f.ctx, nil)) },
		"lost rounds": func() { require.NoError(t, f.keeper.AppealRounds.Clear(f.ctx, nil)) },
		"lost appeal": func() { require.NoError(t, f.keeper.Appeals.Remove(f.ctx, hashes[0])) },
		"lost bond": func() {
			account := types.AppealAddress(hashes[2])
			require.NoError(t, f.bank.SendCoins(f.ctx, account, publisher, f.bank.GetAllBalances(f.ctx, account)))
		},
		"another's round": func() {
			require.NoError(t, f.keeper.AppealRounds.Set(f.ctx, f.appealOf(hashes[1]).NewestRound(), hashes[0]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f.ctx, _ = good.CacheContext()
			damage()
			require.ErrorIs(t, f.keeper.AllInvariants(f.ctx), types.ErrInvariant)
			f.ctx = good
		})
	}
}
