package keeper_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// freeze seats all operators in an epoch with equal stakes and weighs their engines.
func (f *fixture) freeze(epoch uint64) {
	f.t.Helper()
	f.seatAll(epoch)
	require.NoError(f.t, f.keeper.SupernodeHooks().AfterSeated(f.ctx, epoch))
}

func (f *fixture) seatAll(epoch uint64) {
	f.t.Helper()
	for i, o := range f.operators {
		require.NoError(f.t, f.supernode.SeatTable.Set(f.ctx, collections.Join(epoch, o.addr), supernodetypes.Seat{
			Epoch: epoch, Operator: o.addr.String(), Rank: uint32(i), Stake: math.NewInt(1000),
		}))
	}
}

// setRecord gives an engine answers of one Brier sum each in an epoch.
func (f *fixture) setRecord(o operator, engine string, epoch, samples, brierEach uint64) {
	f.t.Helper()
	record := types.TrackRecord{Operator: o.addr.String(), Engine: engine, Epoch: epoch, Types: []types.TypeRecord{{
		TruePositives: samples, TrueNegatives: samples, BrierMalicious: samples * brierEach, BrierClean: samples * brierEach,
	}}}
	require.NoError(f.t, f.keeper.Records.Set(f.ctx, collections.Join3(o.addr, engine, epoch), record))
}

func (f *fixture) setWindow(o operator, engine string, epoch uint64, wrong func(position int) bool) {
	f.t.Helper()
	window := types.ErrorWindow{Operator: o.addr.String(), Engine: engine, Epoch: epoch}
	for position := range types.WindowSize {
		window.Observe(uint64(position), types.Observation{Answered: true, Wrong: wrong(position)})
	}
	require.NoError(f.t, f.keeper.Windows.Set(f.ctx, collections.Join(o.addr, engine), window))
}

func (f *fixture) weights(epoch uint64) types.WeightTable {
	f.t.Helper()
	response, err := f.queries.Weights(f.ctx, &types.QueryWeightsRequest{Epoch: epoch})
	require.NoError(f.t, err)
	return response.Table
}

func TestFreezing(t *testing.T) {
	f := newFixture(t, 1, 1, 1, 1, 1)
	for i, o := range f.operators {
		f.setRecord(o, "Engine00", 2, 10_000, 100)
		offset := i
		if i == 1 {
			offset = 0 // a copy
		}
		f.setWindow(o, "Engine00", 2, func(position int) bool { return position%100 == offset })
	}
	f.setRecord(f.operators[4], "Engine00", 3, 100_000, 4096) // a coin flip since
	f.freeze(5)
	table := f.weights(5)
	require.Len(t, table.Rows, 5)
	var independence []uint32
	for i, row := range table.Rows {
		require.Equal(t, f.operators[i].addr.String(), row.Operator, "in ascending order of the operators")
		require.EqualValues(t, 666_666, row.BondPpm, "equal stakes, two thirds of the cap")
		independence = append(independence, row.IndependencePpm)
	}
	require.Equal(t, []uint32{500_000, 500_000, 1_000_000, 1_000_000, 1_000_000}, independence)
	require.Equal(t, table.Rows[0].SkillPpm, table.Rows[2].SkillPpm)
	require.Less(t, table.Rows[4].SkillPpm, table.Rows[0].SkillPpm/4)

	weighed := events[*types.EventWeighed](f)
	require.Equal(t, table, weighed[len(weighed)-1].Table)
	require.Equal(t, table, f.weights(0), "the newest")
	_, err := f.queries.Weights(f.ctx, &types.QueryWeightsRequest{Epoch: 4})
	require.Equal(t, codes.NotFound, status.Code(err))
}

// Inside an epoch nothing changes a weight: neither records, windows and parameters, nor
// another seating of the same epoch.
func TestWeightsAreFrozen(t *testing.T) {
	f := newFixture(t, 2, 1)
	f.freeze(5)
	before := f.weights(5)
	f.setRecord(f.operators[0], "Engine00", 4, 1000, 0)
	f.setParams(func(p *types.Params) { p.NewcomerSkillPpm = 900_000 })
	f.freeze(5)
	require.Equal(t, before, f.weights(5))
	f.freeze(6)
	require.NotEqual(t, before.Rows, f.weights(6).Rows)
	require.Equal(t, before, f.weights(5))
}

// Records from outside the trailing skill_epochs do not count.
func TestSkillLooksBackOnly(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.setParams(func(p *types.Params) { p.SkillEpochs = 3 })
	f.freeze(10)
	newcomer := f.weights(10).Rows[0].SkillPpm
	f.setRecord(f.operators[0], "Engine00", 7, 1000, 0)
	f.setRecord(f.operators[0], "Engine00", 11, 1000, 0)
	f.freeze(11)
	require.Equal(t, newcomer, f.weights(11).Rows[0].SkillPpm, "7 is too old and 11 is this epoch")
	f.setRecord(f.operators[0], "Engine00", 8, 1000, 0)
	f.freeze(12)
	require.Greater(t, f.weights(12).Rows[0].SkillPpm, newcomer, "11 counts")
}

func TestRoundsWeighByTheirEpoch(t *testing.T) {
	f := newFixture(t, 1, 1)
	hashes := f.addSamples("weighed", 3)
	table := types.WeightTable{Epoch: 1, NewcomerWeight: 5, Rows: []types.EngineWeight{
		{Operator: f.operators[0].addr.String(), Engine: "Engine00", Weight: 1000},
	}}
	require.NoError(t, f.keeper.Weights.Set(f.ctx, 1, table))
	round := f.untilOpen()
	require.EqualValues(t, 1005, round.ExpectedWeight)
	f.run(round, allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_MALICIOUS))
	report, err := f.report(hashes[0], 0)
	require.NoError(t, err)
	require.Equal(t, types.OUTCOME_CLEAN, report.Outcome, "the light engine does not decide")
	require.EqualValues(t, 1000, report.Verdicts[0].Weight)
	require.EqualValues(t, 5, report.Verdicts[1].Weight)
}

// A chain whose weights could not be frozen goes on with equal ones.
func TestRoundsGoOnWithoutATable(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.addSamples("unweighed", 1)
	require.EqualValues(t, 2*types.FullWeight, f.untilOpen().ExpectedWeight)
}

// Only the first 512 engines, by rank of their supernode, are weighed.
func TestMostEnginesThatAreWeighed(t *testing.T) {
	engines := make([]int, 33)
	for i := range engines {
		engines[i] = types.MaxEngines
	}
	f := newWideFixture(t, engines...)
	f.freeze(2)
	unweighed := 0
	for _, row := range f.weights(2).Rows {
		if row.SkillPpm == 0 {
			require.Zero(t, row.Weight)
			unweighed++
		}
	}
	require.Equal(t, len(engines)*types.MaxEngines-types.MaxWeighedEngines, unweighed)
}

// newWideFixture lets each supernode have as many engines as the parameters can allow.
func newWideFixture(t testing.TB, engines ...int) *fixture {
	t.Helper()
	f := newFixture(t, make([]int, len(engines))...)
	f.setParams(func(p *types.Params) { p.MaxEnginesPerSupernode = types.MaxEngines })
	for i := range f.operators {
		o := &f.operators[i]
		for e := range engines[i] {
			name := fmt.Sprintf("Engine%02d", e)
			_, err := f.msgs.RegisterEngine(f.ctx, &types.MsgRegisterEngine{Sidecar: o.sidecar.String(), Operator: o.addr.String(), Name: name})
			require.NoError(t, err)
			o.engines = append(o.engines, name)
		}
	}
	return f
}

// Tables stay as long as a round that was weighed by them holds its vectors.
func TestTablesArePruned(t *testing.T) {
	f := newFixture(t, 1)
	f.setParams(func(p *types.Params) { p.SkillEpochs = 2 })
	f.addSamples("kept", 1)
	round := f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED))
	require.EqualValues(t, 1, round.Epoch)
	for epoch := uint64(1); epoch <= 12; epoch++ {
		f.freeze(epoch)
	}
	require.EqualValues(t, 1, f.weights(1).Epoch, "the round of epoch 1 is not pruned")
	f.judgeAgain(week, allOf(types.CATEGORY_UNDETECTED))
	f.judgeAgain(month, allOf(types.CATEGORY_UNDETECTED))
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().AddDate(1, 0, 0))
	f.endBlock()
	require.True(t, f.round(round.Number).Pruned)
	f.freeze(13)
	for epoch := uint64(1); epoch <= 4; epoch++ {
		_, err := f.queries.Weights(f.ctx, &types.QueryWeightsRequest{Epoch: epoch})
		require.Equal(t, codes.NotFound, status.Code(err), "four at each seating")
	}
	f.freeze(14)
	f.freeze(15)
	require.EqualValues(t, 13, f.weights(13).Epoch, "skill_epochs before the present stay")
	_, err := f.queries.Weights(f.ctx, &types.QueryWeightsRequest{Epoch: 12})
	require.Equal(t, codes.NotFound, status.Code(err))
}

// Every operator's turn comes within 256 epochs; what still counts is left.
func TestOldRecordsArePruned(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.setParams(func(p *types.Params) { p.SkillEpochs = 2 })
	stays, leaves := f.operators[0], f.operators[1]
	for _, o := range f.operators {
		f.setRecord(o, "Engine00", 1, 10, 100)
		f.setRecord(o, "Engine00", 300, 10, 100)
		f.setWindow(o, "Engine00", 1, func(int) bool { return false })
	}
	require.NoError(t, f.tx(func(ctx context.Context) error {
		_, err := f.msgs.RetireEngine(ctx, &types.MsgRetireEngine{Sidecar: leaves.sidecar.String(), Operator: leaves.addr.String(), Name: "Engine00"})
		return err
	}))
	for epoch := uint64(10); epoch < 10+256; epoch++ {
		f.freeze(epoch)
	}
	for _, o := range f.operators {
		old, err := f.keeper.Records.Has(f.ctx, collections.Join3(o.addr, "Engine00", uint64(1)))
		require.NoError(t, err)
		require.False(t, old)
		recent, err := f.keeper.Records.Has(f.ctx, collections.Join3(o.addr, "Engine00", uint64(300)))
		require.NoError(t, err)
		require.True(t, recent)
	}
	kept, err := f.keeper.Windows.Has(f.ctx, collections.Join(stays.addr, "Engine00"))
	require.NoError(t, err)
	require.True(t, kept, "registered")
	kept, err = f.keeper.Windows.Has(f.ctx, collections.Join(leaves.addr, "Engine00"))
	require.NoError(t, err)
	require.False(t, kept, "retired, and long unchanged")
}
