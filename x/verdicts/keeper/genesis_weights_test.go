package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func weighed(t *testing.T) *fixture {
	f := newFixture(t, 2, 1)
	f.setWindow(f.operators[0], "Engine00", 1, func(position int) bool { return position%7 == 0 })
	f.setWindow(f.operators[1], "Engine00", 1, func(position int) bool { return position%9 == 0 })
	require.NoError(t, f.keeper.WindowPosition.Set(f.ctx, 77))
	f.freeze(1)
	f.freeze(2)
	return f
}

func TestWeightsGenesisRoundTrip(t *testing.T) {
	f := weighed(t)
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	require.Len(t, exported.Weights, 2)
	require.Len(t, exported.Windows, 2)
	require.EqualValues(t, 77, exported.WindowPosition)
	want, err := exported.Marshal()
	require.NoError(t, err)

	other := newFixture(t)
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *exported))
	again, err := other.keeper.ExportGenesis(other.ctx)
	require.NoError(t, err)
	got, err := again.Marshal()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestWeightsGenesisRefuses(t *testing.T) {
	f := weighed(t)
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	data, err := exported.Marshal()
	require.NoError(t, err)
	for name, change := range map[string]func(*types.GenesisState){
		"tables out of order": func(gs *types.GenesisState) { gs.Weights[0], gs.Weights[1] = gs.Weights[1], gs.Weights[0] },
		"rows out of order": func(gs *types.GenesisState) {
			rows := gs.Weights[0].Rows
			rows[0], rows[2] = rows[2], rows[0]
		},
		"row twice":              func(gs *types.GenesisState) { gs.Weights[0].Rows[1] = gs.Weights[0].Rows[0] },
		"operator":               func(gs *types.GenesisState) { gs.Weights[0].Rows[0].Operator = "x" },
		"weight above 1":         func(gs *types.GenesisState) { gs.Weights[0].Rows[0].Weight = 1_000_001 },
		"factor above 1":         func(gs *types.GenesisState) { gs.Weights[0].Rows[0].SkillPpm = 1_000_001 },
		"newcomers above 1":      func(gs *types.GenesisState) { gs.Weights[0].NewcomerWeight = 1_000_001 },
		"window's operator":      func(gs *types.GenesisState) { gs.Windows[0].Operator = "" },
		"window's engine":        func(gs *types.GenesisState) { gs.Windows[0].Engine = "" },
		"window twice":           func(gs *types.GenesisState) { gs.Windows[1] = gs.Windows[0] },
		"planes of another size": func(gs *types.GenesisState) { gs.Windows[0].Planes = gs.Windows[0].Planes[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			var gs types.GenesisState
			require.NoError(t, gs.Unmarshal(data))
			require.NoError(t, gs.Validate())
			change(&gs)
			require.ErrorIs(t, gs.Validate(), map[bool]error{true: types.ErrInvalidEngine, false: types.ErrInvalidGenesis}[name == "window's engine"])
		})
	}
}

func TestWeightsInvariantNoticesDamage(t *testing.T) {
	for name, damage := range map[string]func(f *fixture) error{
		"table under another epoch": func(f *fixture) error {
			return f.keeper.Weights.Set(f.ctx, 3, f.weights(2))
		},
		"window under another name": func(f *fixture) error {
			key := collections.Join(f.operators[0].addr, "Engine00")
			window, err := f.keeper.Windows.Get(f.ctx, key)
			require.NoError(t, err)
			return f.keeper.Windows.Set(f.ctx, collections.Join(f.operators[0].addr, "Engine01"), window)
		},
		"window cut short": func(f *fixture) error {
			window := types.ErrorWindow{Operator: f.operators[0].addr.String(), Engine: "Engine00", Planes: make([]byte, 9)}
			return f.keeper.Windows.Set(f.ctx, collections.Join(f.operators[0].addr, "Engine00"), window)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := weighed(t)
			good := f.ctx
			f.ctx, _ = f.ctx.CacheContext()
			require.NoError(t, damage(f))
			require.Error(t, f.keeper.AllInvariants(f.ctx))
			f.ctx = good
		})
	}
}
