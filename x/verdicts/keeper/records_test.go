package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// records returns an engine's records, the newest epoch first.
func (f *fixture) records(o operator, engine string) []types.TrackRecord {
	f.t.Helper()
	response, err := f.queries.TrackRecord(f.ctx, &types.QueryTrackRecordRequest{Operator: o.addr.String(), Engine: engine})
	require.NoError(f.t, err)
	return response.Records
}

// points of an operator's first engine over all epochs.
func (f *fixture) points(o operator) (points uint64) {
	f.t.Helper()
	for _, record := range f.records(o, o.engines[0]) {
		points += record.Points
	}
	return points
}

// oneInFive makes one of five engines too few for any outcome but CLEAN.
func oneInFive(p *types.Params) { p.SuspiciousPpm = p.MaliciousPpm }

func TestLoneEngineThatWasRightEndsAhead(t *testing.T) {
	f := newFixture(t, 1, 1, 1, 1, 1)
	f.setParams(oneInFive)
	f.addSamples("first", 10)
	undetected, malicious := allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_MALICIOUS)
	source := f.run(f.untilOpen(), malicious, undetected, undetected, undetected, undetected)
	f.endBlock()
	lone, follower := f.operators[0], f.operators[1]
	require.Zero(t, f.points(lone))
	require.EqualValues(t, 10*100_000, f.points(follower), "the majority shares the first slice")

	first := f.judgeAgain(week, malicious, malicious, malicious, malicious, malicious)
	f.judgeAgain(month-week, malicious, malicious, malicious, malicious, malicious)
	require.EqualValues(t, 10*600_000, f.points(lone), "and loses the later ones")
	require.EqualValues(t, 10*100_000, f.points(follower))

	record := f.records(lone, "Engine00")[0]
	brier, _ := types.Brier(types.NewCell(types.CATEGORY_MALICIOUS, 8), true)
	require.Equal(t, []types.TypeRecord{{
		FileType: "unknown", TruePositives: 10, Leads: 10, LeadSeconds: 10 * uint64(first.FinalTime-source.FinalTime), BrierMalicious: 10 * brier,
	}}, record.Types)
	wrong, _ := types.Brier(types.NewCell(types.CATEGORY_UNDETECTED, 8), true)
	require.Equal(t, []types.TypeRecord{{FileType: "unknown", FalseNegatives: 10, BrierMalicious: 10 * wrong}}, f.records(follower, "Engine00")[0].Types)
}

func TestPointsFollowTheWeights(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	require.NoError(t, f.keeper.Weights.Set(f.ctx, 1, types.WeightTable{
		Epoch: 1, NewcomerWeight: 100_000,
		Rows: []types.EngineWeight{{Operator: f.operators[0].addr.String(), Engine: "Engine00", Weight: 300_000}},
	}))
	f.addSamples("first", 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.run(f.untilOpen(), undetected, undetected, undetected)
	f.endBlock()
	require.EqualValues(t, 240_000, f.points(f.operators[0]), "3/5 of 400,000")
	require.EqualValues(t, 80_000, f.points(f.operators[1]))
}

func TestNobodyEarnsTheSliceOfASampleThatStaysOpen(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.addSamples("first", 4)
	unsupported, undetected := allOf(types.CATEGORY_TYPE_UNSUPPORTED), allOf(types.CATEGORY_UNDETECTED)
	f.run(f.untilOpen(), undetected, unsupported)
	f.judgeAgain(week, allOf(types.CATEGORY_FAILURE), allOf(types.CATEGORY_TIMEOUT))
	f.judgeAgain(month, undetected, undetected)
	require.EqualValues(t, 4*700_000, f.points(f.operators[0]))
	require.Empty(t, f.records(f.operators[1], "Engine00"), "who does not handle a type has no record of it")
}

func TestMissesCount(t *testing.T) {
	f := newFixture(t, 2, 1)
	half, absent := f.operators[0], f.operators[1]
	table := types.WeightTable{Epoch: 1, NewcomerWeight: types.FullWeight}
	for _, o := range f.operators {
		for _, engine := range o.engines {
			table.Rows = append(table.Rows, types.EngineWeight{Operator: o.addr.String(), Engine: engine, Weight: types.FullWeight})
		}
	}
	require.NoError(t, f.keeper.Weights.Set(f.ctx, 1, table))
	f.setParams(func(p *types.Params) { p.QuorumPpm = 0 })
	f.addSamples("first", 5)
	categories := []types.Category{
		types.CATEGORY_TIMEOUT, types.CATEGORY_CONFIRMED_TIMEOUT, types.CATEGORY_FAILURE, types.CATEGORY_TYPE_UNSUPPORTED, types.CATEGORY_HARMLESS,
	}
	f.run(f.untilOpen(), func(i int) types.Answer { return types.Answer{Category: categories[i]} })
	clean := allOf(types.CATEGORY_UNDETECTED)
	f.judgeAgain(week, clean, clean)
	f.judgeAgain(month, clean, clean)

	require.Equal(t, []types.TypeRecord{{FileType: "unknown", Misses: 3, TrueNegatives: 1, BrierClean: 15 * 15}}, f.records(half, "Engine00")[0].Types)
	for _, engine := range absent.engines {
		require.Equal(t, []types.TypeRecord{{FileType: "unknown", Misses: 5}}, f.records(absent, engine)[0].Types)
	}
}

func TestTruthOfAWonAppealGoesBeforeTheJudge(t *testing.T) {
	f := newFixture(t, 1, 1, 1, 1, 1)
	f.setParams(oneInFive)
	hashes := f.addSamples("first", 1)
	undetected, malicious := allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_MALICIOUS)
	source := f.run(f.untilOpen(), malicious, undetected, undetected, undetected, undetected)
	f.judgeAgain(week, undetected, undetected, undetected, undetected, undetected)
	require.NoError(t, f.keeper.Truths.Set(f.ctx, hashes[0], uint32(types.OUTCOME_MALICIOUS)))
	last := f.judgeAgain(month, undetected, undetected, undetected, undetected, undetected)

	require.EqualValues(t, 300_000, f.points(f.operators[0]))
	record := f.records(f.operators[0], "Engine00")[0].Types[0]
	require.EqualValues(t, 1, record.TruePositives)
	require.EqualValues(t, last.FinalTime-source.FinalTime, record.LeadSeconds, "no round saw it, so the last one counts")
}

func TestErrorWindowsMoveTogether(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.setParams(func(p *types.Params) { p.QuorumPpm = 0 })
	undetected := allOf(types.CATEGORY_UNDETECTED)
	planes := func(o operator) []byte {
		window, err := f.keeper.Windows.Get(f.ctx, collections.Join(o.addr, "Engine00"))
		require.NoError(t, err)
		return window.Planes
	}
	f.addSamples("first", 3)
	f.run(f.untilOpen(), undetected, allOf(types.CATEGORY_MALICIOUS))
	f.judgeAgain(week, undetected, undetected)
	f.judgeAgain(month, undetected, undetected)
	position, err := f.keeper.WindowPosition.Get(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 3, position)

	want := types.ErrorWindow{}
	for i := range uint64(3) {
		want.Observe(i, types.Observation{Answered: true, Wrong: true})
	}
	require.Equal(t, want.Planes, planes(f.operators[1]))

	require.NoError(t, f.keeper.WindowPosition.Set(f.ctx, 1), "as if the windows had gone round")
	f.addSamples("second", 2)
	f.run(f.untilOpen(), undetected)
	f.judgeAgain(week, undetected, undetected)
	f.judgeAgain(month, undetected, undetected)
	want.Forget(1, 2)
	require.Equal(t, want.Planes, planes(f.operators[1]), "who was absent forgets")
	for i := range uint64(3) {
		want.Observe(i, types.Observation{Answered: true})
	}
	require.Equal(t, want.Planes, planes(f.operators[0]))
}

// TestDamagedSourceIsSetAside gives a final round a vector that cannot be counted: the
// other rounds are accounted for all the same.
func TestDamagedSourceIsSetAside(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.setParams(func(p *types.Params) { p.MaxRoundSamples = 2 })
	f.addSamples("first", 4)
	damaged := f.run(f.untilOpen(), undetected)
	f.run(f.untilOpen(), undetected)
	f.endBlock()
	require.EqualValues(t, 4*400_000, f.points(f.operators[0]))

	key := collections.Join(damaged.Number, f.operators[0].addr)
	good, err := f.keeper.Attestations.Get(f.ctx, key)
	require.NoError(t, err)
	bad := f.operators[0].answers(2, undetected)
	bad.Vectors[0].Column = []byte{9}
	require.NoError(t, f.keeper.Attestations.Set(f.ctx, key, bad))
	f.setParams(func(p *types.Params) { p.MaxRoundSamples = 4 })
	require.Len(t, f.judgeAgain(week, undetected).Sources, 2)
	require.NoError(t, f.keeper.Attestations.Set(f.ctx, key, good))

	require.EqualValues(t, 4*400_000+2*300_000, f.points(f.operators[0]))
	failed := events[*types.EventItemFailed](f)
	require.Len(t, failed, 1)
	require.Equal(t, "resolutions", failed[0].Queue)
	require.EqualValues(t, 2, f.round(damaged.Number).Resolved)
}

func TestAccountingIsSpreadOverBlocks(t *testing.T) {
	f := newFixture(t, 1)
	f.setParams(func(p *types.Params) { p.MaxRoundSamples, p.TallySamplesPerBlock = 1, 512 })
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.addSamples("first", 5)
	for range 5 {
		f.run(f.untilOpen(), undetected)
	}
	f.setParams(func(p *types.Params) { p.MaxRoundSamples = 5 })
	f.wait(week)
	require.Len(t, f.run(f.untilOpen(), undetected).Sources, 5)
	resolved := func() int {
		n := 0
		for _, event := range events[*types.EventResolved](f) {
			if event.Stage == 1 {
				n++
			}
		}
		return n
	}
	for _, want := range []int{2, 4, 5, 5} { // the block of the outcomes is the first
		require.Equal(t, want, resolved())
		f.endBlock()
	}
}

func TestTrackRecordQuery(t *testing.T) {
	f := newFixture(t, 1)
	operator := f.operators[0].addr.String()
	for epoch := range uint64(5) {
		record := types.TrackRecord{Operator: operator, Engine: "Engine00", Epoch: epoch, Points: epoch}
		require.NoError(t, f.keeper.Records.Set(f.ctx, collections.Join3(f.operators[0].addr, "Engine00", epoch), record))
		record.Engine = "Engine0"
		require.NoError(t, f.keeper.Records.Set(f.ctx, collections.Join3(f.operators[0].addr, "Engine0", epoch), record))
	}
	var epochs []uint64
	page := &query.PageRequest{Limit: 2}
	for {
		response, err := f.queries.TrackRecord(f.ctx, &types.QueryTrackRecordRequest{Operator: operator, Engine: "Engine00", Pagination: page})
		require.NoError(t, err)
		for _, record := range response.Records {
			require.Equal(t, "Engine00", record.Engine)
			epochs = append(epochs, record.Epoch)
		}
		if page = (&query.PageRequest{Limit: 2, Key: response.Pagination.NextKey}); len(page.Key) == 0 {
			break
		}
	}
	require.Equal(t, []uint64{4, 3, 2, 1, 0}, epochs)
	for name, req := range map[string]*types.QueryTrackRecordRequest{
		"operator": {Operator: "x", Engine: "Engine00"},
		"engine":   {Operator: operator, Engine: ""},
		"limit":    {Operator: operator, Engine: "Engine00", Pagination: &query.PageRequest{Limit: 101}},
	} {
		_, err := f.queries.TrackRecord(f.ctx, req)
		require.ErrorContains(t, err, "InvalidArgument", name)
	}
}

// TestRecordsGoToTheEpochOfTheirResolution: skill is reckoned over past epochs, so that
// what is found out today must not change an epoch that has been weighed.
func TestRecordsGoToTheEpochOfTheirResolution(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.addSamples("first", 1)
	f.run(f.untilOpen(), undetected)
	f.endBlock()
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(t, err)
	require.NoError(t, f.supernode.EpochHooks().BeforeEpochStart(f.ctx, params.EpochIdentifier, 2))
	f.judgeAgain(week, undetected)
	f.judgeAgain(month, undetected)
	records := f.records(f.operators[0], "Engine00")
	require.Len(t, records, 2)
	require.EqualValues(t, 2, records[0].Epoch)
	require.EqualValues(t, 600_000, records[0].Points)
	require.EqualValues(t, 400_000, records[1].Points)
	require.Empty(t, records[1].Types)
}
