package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	hour  = time.Hour
	week  = 7 * 24 * hour
	month = 30 * 24 * hour
)

// wait lets time go by.
func (f *fixture) wait(d time.Duration) { f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(d)) }

// judgeAgain lets time go by until a retrospective round opens, and runs it.
func (f *fixture) judgeAgain(after time.Duration, answers ...func(int) types.Answer) types.Round {
	f.t.Helper()
	f.wait(after)
	round := f.untilOpen()
	require.Equal(f.t, types.ROUND_KIND_RETROSPECTIVE, round.Kind)
	round = f.run(round, answers...)
	f.endBlock() // the stage is accounted for
	return round
}

// letVoid ends blocks until a round in which nobody commits is over.
func (f *fixture) letVoid(round types.Round) {
	f.t.Helper()
	for f.round(round.Number).FinalHeight == 0 {
		f.endBlock()
	}
	require.Equal(f.t, types.ROUND_STATUS_VOID, f.round(round.Number).Status)
}

func TestSamplesAreJudgedAgainAfterEachDelay(t *testing.T) {
	f := newFixture(t, 1, 1)
	hashes := f.addSamples("first", 3)
	undetected, malicious := allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_MALICIOUS)
	source := f.run(f.untilOpen(), undetected, undetected)
	for range 6 {
		f.endBlock()
	}
	open, err := f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
	require.NoError(t, err)
	require.Empty(t, open.Rounds, "nothing is due yet")

	f.wait(week)
	opened := f.untilOpen()
	require.Equal(t, types.ROUND_KIND_RETROSPECTIVE, opened.Kind)
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[0]), "the samples keep their status")
	first := f.run(opened, malicious, malicious)
	second := f.judgeAgain(month-week, undetected, malicious)

	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[0]))
	for i, round := range []types.Round{first, second} {
		require.EqualValues(t, i+1, round.Stage)
		require.Equal(t, []uint64{source.Number}, round.Sources)
		require.Equal(t, source.MembersRoot, round.MembersRoot)
	}
	after := f.round(source.Number)
	require.Equal(t, []uint64{first.Number, second.Number}, after.Retrospectives)
	require.EqualValues(t, 3, after.Resolved)
	history, err := f.queries.History(f.ctx, &types.QueryHistoryRequest{Sha256: hexOf(hashes[0])})
	require.NoError(t, err)
	require.Equal(t, []types.HistoryEntry{
		{Round: source.Number, Outcome: types.OUTCOME_CLEAN},
		{Round: first.Number, Outcome: types.OUTCOME_MALICIOUS},
		{Round: second.Number, Outcome: types.OUTCOME_MALICIOUS},
	}, history.Entries)

	f.wait(10 * month)
	for range 6 {
		f.endBlock()
	}
	open, err = f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
	require.NoError(t, err)
	require.Empty(t, open.Rounds, "after the last delay it is over")
}

func TestDueRoundsAreJudgedAgainTogether(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	first, second := f.addSamples("first", 3), f.addSamples("second", 2)
	f.setParams(func(p *types.Params) { p.MaxRoundSamples = 3 })
	a := f.run(f.untilOpen(), undetected)
	b := f.run(f.untilOpen(), undetected)
	f.addSamples("third", 3)
	c := f.run(f.untilOpen(), undetected)

	f.setParams(func(p *types.Params) { p.MaxRoundSamples = 7 })
	merged := f.judgeAgain(week+hour, undetected)
	require.Equal(t, []uint64{a.Number, b.Number}, merged.Sources, "the third would make it too large")
	require.EqualValues(t, len(first)+len(second), merged.Samples)
	rest := f.judgeAgain(0, undetected)
	require.Equal(t, []uint64{c.Number}, rest.Sources)

	f.wait(month)
	require.EqualValues(t, 2, f.untilOpen().Stage)
}

func TestStagesOfDifferentNumberAreNotMixed(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.addSamples("first", 1)
	a := f.run(f.untilOpen(), undetected)
	f.judgeAgain(week, undetected)
	f.wait(month - 2*week)
	f.addSamples("second", 1)
	b := f.run(f.untilOpen(), undetected)

	second := f.judgeAgain(week, undetected)
	require.EqualValues(t, 2, second.Stage)
	require.Equal(t, []uint64{a.Number}, second.Sources)
	first := f.judgeAgain(0, undetected)
	require.EqualValues(t, 1, first.Stage)
	require.Equal(t, []uint64{b.Number}, first.Sources)
}

func TestNeitherKindOfRoundStarvesTheOther(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.setParams(func(p *types.Params) { p.MaxRoundSamples, p.MaxOpenRounds = 2, 1 })
	f.addSamples("old", 6)
	for range 3 {
		f.run(f.untilOpen(), undetected)
	}
	f.addSamples("new", 6)
	f.wait(week)
	kinds := make(map[types.RoundKind]int)
	for range 4 {
		kinds[f.run(f.untilOpen(), undetected).Kind]++
	}
	require.Positive(t, kinds[types.ROUND_KIND_INITIAL])
	require.Positive(t, kinds[types.ROUND_KIND_RETROSPECTIVE])
}

func TestVoidRetrospectiveRoundIsTriedThreeTimes(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	hashes := f.addSamples("first", 2)
	source := f.run(f.untilOpen(), undetected)
	f.wait(week)
	f.letVoid(f.untilOpen())
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[0]))
	held := f.judgeAgain(0, undetected)
	require.Equal(t, []uint64{held.Number}, f.round(source.Number).Retrospectives, "the second try counts")

	f.wait(month)
	for range 3 {
		round := f.untilOpen()
		require.EqualValues(t, 2, round.Stage)
		f.letVoid(round)
	}
	for range 6 {
		f.endBlock()
	}
	open, err := f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
	require.NoError(t, err)
	require.Empty(t, open.Rounds, "no fourth try")
	after := f.round(source.Number)
	require.Equal(t, []uint64{held.Number, 0}, after.Retrospectives)
	require.EqualValues(t, 3, after.Resolved)
	failed := events[*types.EventItemFailed](f)
	require.Len(t, failed, 1)
	require.Contains(t, failed[0].Error, "void 3 times")
}

func TestMembersThatWereTakenDownAreNotJudgedAgain(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	hashes := f.addSamples("first", 2)
	source := f.run(f.untilOpen(), undetected)
	takeDown := func(hash []byte) {
		_, err := f.submit.BlockSample(f.ctx, &samplestypes.MsgBlockSample{Authority: f.authority, Sha256: hash, Reason: "court order"})
		require.NoError(t, err)
	}
	takeDown(hashes[0])
	first := f.judgeAgain(week, undetected)
	require.EqualValues(t, 1, first.Samples)

	takeDown(hashes[1])
	f.wait(month)
	for range 6 {
		f.endBlock()
	}
	after := f.round(source.Number)
	require.Equal(t, []uint64{first.Number}, after.Retrospectives)
	require.EqualValues(t, 3, after.Resolved, "the stage is skipped")
	require.Contains(t, events[*types.EventItemFailed](f)[0].Error, "no member is left")
}

// TestRescanDoesNotKeepASampleFromItsTruth: who was wrong could otherwise pay for a
// rescan each time a judgement is due.
func TestRescanDoesNotKeepASampleFromItsTruth(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	hashes := f.addSamples("first", 1)
	f.run(f.untilOpen(), undetected)
	f.wait(week)
	_, err := f.submit.RequestRescan(f.ctx, &samplestypes.MsgRequestRescan{Requester: contributor.String(), Sha256: hashes[0]})
	require.NoError(t, err)
	kinds := make(map[types.RoundKind]uint32)
	for range 2 {
		round := f.run(f.untilOpen(), undetected)
		kinds[round.Kind] = round.Samples
	}
	require.Equal(t, map[types.RoundKind]uint32{types.ROUND_KIND_RETROSPECTIVE: 1, types.ROUND_KIND_RESCAN: 1}, kinds)
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[0]))
}

func TestVectorsStayUntilTheLastStageIsResolved(t *testing.T) {
	f := newFixture(t, 1)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.addSamples("first", 2)
	source := f.run(f.untilOpen(), undetected)
	f.wait(week)
	waiting := f.untilOpen()
	f.wait(3 * month) // past the retention, with the first stage still running
	f.endBlock()
	require.False(t, f.round(source.Number).Pruned)
	f.run(waiting, undetected)
	f.judgeAgain(0, undetected)
	require.EqualValues(t, 3, f.round(source.Number).Resolved)
	f.wait(3 * month)
	f.endBlock()
	f.endBlock()
	require.True(t, f.round(source.Number).Pruned)
}

func TestStagesFollowTheRulesOfTheirRound(t *testing.T) {
	f := newFixture(t, 1)
	f.addSamples("first", 1)
	opened := f.untilOpen()
	f.setParams(func(p *types.Params) {
		p.RetrospectiveDelaysSeconds, p.SlicesPpm = []uint64{3600}, []uint32{100_000, 900_000}
	})
	f.run(opened, allOf(types.CATEGORY_UNDETECTED))
	f.wait(hour)
	for range 6 {
		f.endBlock()
	}
	open, err := f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
	require.NoError(t, err)
	require.Empty(t, open.Rounds)
	f.judgeAgain(week, allOf(types.CATEGORY_UNDETECTED))
	resolved := events[*types.EventResolved](f)
	require.EqualValues(t, 400_000, resolved[0].SlicePpm)
	require.EqualValues(t, 300_000, resolved[1].SlicePpm)
}
