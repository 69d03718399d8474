package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// midway is a chain with stages that wait, one that is being judged and several that
// are not accounted for yet.
func midway(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t, 1, 1)
	f.setParams(func(p *types.Params) { p.MaxRoundSamples, p.TallySamplesPerBlock = 1, 256 })
	undetected, malicious := allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_MALICIOUS)
	f.addSamples("first", 4)
	for range 4 {
		f.run(f.untilOpen(), undetected, malicious)
	}
	f.setParams(func(p *types.Params) { p.MaxRoundSamples = 3 })
	f.wait(week)
	require.Len(t, f.run(f.untilOpen(), malicious, malicious).Sources, 3)
	f.untilOpen()
	return f
}

// again is a chain that takes over from an export.
func again(t *testing.T, f *fixture) *fixture {
	t.Helper()
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	samples, err := f.samples.ExportGenesis(f.ctx)
	require.NoError(t, err)
	other := newFixture(t, 1, 1)
	deposits := f.bank.GetBalance(f.ctx, samplestypes.DepositAddress(contributor), denom)
	other.fund(samplestypes.DepositAddress(contributor), deposits.Amount.Int64())
	other.ctx = other.ctx.WithBlockHeight(f.ctx.BlockHeight()).WithBlockTime(f.ctx.BlockTime())
	require.NoError(t, other.samples.InitGenesis(other.ctx, *samples))
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *exported))
	return other
}

func (f *fixture) exported() []byte {
	f.t.Helper()
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	data, err := exported.Marshal()
	require.NoError(f.t, err)
	return data
}

// TestRecordsGoOnAfterAnExport: a chain that takes over in the middle ends where the
// other one does.
func TestRecordsGoOnAfterAnExport(t *testing.T) {
	f := midway(t)
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NotEmpty(t, exported.Stages)
	require.NotEmpty(t, exported.Resolutions)
	require.NotEmpty(t, exported.TrackRecords)
	other := again(t, f)
	require.Equal(t, f.exported(), other.exported())

	malicious := allOf(types.CATEGORY_MALICIOUS)
	for _, chain := range []*fixture{f, other} {
		open, err := chain.queries.OpenRounds(chain.ctx, &types.QueryOpenRoundsRequest{})
		require.NoError(t, err)
		require.Len(t, open.Rounds, 1)
		chain.run(open.Rounds[0], malicious, malicious)
		chain.judgeAgain(month, malicious, malicious)
		chain.judgeAgain(0, malicious, malicious)
		for range 6 {
			chain.endBlock()
		}
		require.EqualValues(t, 4*1_000_000, chain.points(chain.operators[1]))
	}
	require.Equal(t, f.exported(), other.exported())
}

func TestGenesisRefusesBadRecords(t *testing.T) {
	f := midway(t)
	for name, change := range map[string]func(*types.GenesisState){
		"stage of no round":         func(gs *types.GenesisState) { gs.Stages[0].Source = 77 },
		"stage past the last":       func(gs *types.GenesisState) { gs.Stages[0].Stage = 3 },
		"stage 0":                   func(gs *types.GenesisState) { gs.Stages[0].Stage = 0 },
		"resolution by nobody":      func(gs *types.GenesisState) { gs.Resolutions[0].Judge = 77 },
		"resolution by a bystander": func(gs *types.GenesisState) { gs.Resolutions[0] = types.Resolution{Judge: 2, Source: 1} },
		"resolution of none":        func(gs *types.GenesisState) { gs.Resolutions[0].Source = 77 },
		"record operator":           func(gs *types.GenesisState) { gs.TrackRecords[0].Operator = "x" },
		"record engine":             func(gs *types.GenesisState) { gs.TrackRecords[0].Engine = "" },
		"record types": func(gs *types.GenesisState) {
			gs.TrackRecords[0].Types = []types.TypeRecord{{FileType: "pe"}, {FileType: "elf"}}
		},
		"slices":           func(gs *types.GenesisState) { gs.Rounds[0].Rules.SlicesPpm = []uint32{1} },
		"sum of slices":    func(gs *types.GenesisState) { gs.Rounds[0].Rules.SlicesPpm[0] = 900_000 },
		"resolved":         func(gs *types.GenesisState) { gs.Rounds[0].Resolved = 4 },
		"judges":           func(gs *types.GenesisState) { gs.Rounds[0].Retrospectives = make([]uint64, 3) },
		"stage of initial": func(gs *types.GenesisState) { gs.Rounds[0].Stage = 1 },
		"no sources":       func(gs *types.GenesisState) { gs.Rounds[4].Sources = nil },
	} {
		t.Run(name, func(t *testing.T) {
			var gs types.GenesisState // a copy, as the export shares memory with the store
			require.NoError(t, gs.Unmarshal(f.exported()))
			require.NoError(t, gs.Validate())
			change(&gs)
			require.Error(t, gs.Validate())
		})
	}
}

func TestInvariantsNoticeLostStages(t *testing.T) {
	for name, damage := range map[string]func(f *fixture) error{
		"lost stage":      func(f *fixture) error { return f.keeper.Stages.Clear(f.ctx, nil) },
		"lost resolution": func(f *fixture) error { return f.keeper.Resolutions.Clear(f.ctx, nil) },
		"stage twice": func(f *fixture) error {
			return f.keeper.Stages.Set(f.ctx, collections.Join3(int64(1), uint32(2), uint64(1)))
		},
		"foreign judge": func(f *fixture) error { return f.keeper.Resolutions.Set(f.ctx, collections.Join(uint64(2), uint64(1))) },
		"pruned early": func(f *fixture) error {
			round := f.round(1)
			round.Pruned = true
			return f.keeper.Rounds.Set(f.ctx, 1, round)
		},
		"record elsewhere": func(f *fixture) error {
			return f.keeper.Records.Set(f.ctx, collections.Join3(f.operators[0].addr, "Other", uint64(1)), f.records(f.operators[1], "Engine00")[0])
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := midway(t)
			good := f.ctx
			f.ctx, _ = f.ctx.CacheContext()
			require.NoError(t, damage(f))
			require.Error(t, f.keeper.AllInvariants(f.ctx))
			f.ctx = good
		})
	}
}
