package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// truth is what counts as true of a sample now.
func (f *fixture) truth(hash []byte) types.Outcome {
	f.t.Helper()
	truth, err := f.keeper.Truth(f.ctx, hash)
	require.NoError(f.t, err)
	return truth
}

// rescan queues final samples again.
func (f *fixture) rescan(hashes ...[]byte) {
	f.t.Helper()
	for _, hash := range hashes {
		require.NoError(f.t, f.samples.Rescan(f.ctx, hash))
	}
}

func TestOutcomesAndTruthFollowTheRounds(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	hash := f.addSamples("read", 1)[0]
	undetected, malicious, failed := allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_MALICIOUS), allOf(types.CATEGORY_FAILURE)
	require.Equal(t, types.OUTCOME_UNSPECIFIED, f.truth(hash))
	require.Equal(t, types.OUTCOME_UNSPECIFIED, f.truth(bytes.Repeat([]byte{1}, 32)))

	opened := f.untilOpen()
	outcomes, err := f.keeper.Outcomes(f.ctx, hash)
	require.NoError(t, err)
	require.Empty(t, outcomes, "an open round has none")
	first := f.run(opened, undetected, undetected, undetected)
	require.Equal(t, types.OUTCOME_CLEAN, f.truth(hash))

	f.rescan(hash)
	second := f.run(f.untilOpen(), malicious, malicious, undetected)
	require.Equal(t, types.OUTCOME_MALICIOUS, f.truth(hash), "the newest counts")
	f.rescan(hash)
	third := f.run(f.untilOpen(), failed, failed, failed)
	require.Equal(t, types.OUTCOME_MALICIOUS, f.truth(hash), "what decides nothing changes nothing")

	outcomes, err = f.keeper.Outcomes(f.ctx, hash)
	require.NoError(t, err)
	require.Equal(t, []types.HistoryEntry{
		{Round: first.Number, Outcome: types.OUTCOME_CLEAN},
		{Round: second.Number, Outcome: types.OUTCOME_MALICIOUS},
		{Round: third.Number, Outcome: types.OUTCOME_UNDETERMINED},
	}, outcomes)
	require.NoError(t, f.keeper.Truths.Set(f.ctx, hash, uint32(types.OUTCOME_CLEAN)))
	require.Equal(t, types.OUTCOME_CLEAN, f.truth(hash), "a won appeal goes before all rounds")

	round, err := f.keeper.Round(f.ctx, second.Number)
	require.NoError(t, err)
	require.Equal(t, types.ROUND_KIND_RESCAN, round.Kind)
	_, err = f.keeper.Round(f.ctx, 99)
	require.ErrorIs(t, err, types.ErrRoundNotFound)
}

func TestReportsAreOfAnyRound(t *testing.T) {
	f := newFixture(t, 2, 1)
	hash := f.addSamples("read", 1)[0]
	malicious, undetected := allOf(types.CATEGORY_MALICIOUS), allOf(types.CATEGORY_UNDETECTED)
	first := f.run(f.untilOpen(), malicious, undetected)
	f.rescan(hash)
	second := f.run(f.untilOpen(), undetected, undetected)
	for number, round := range map[uint64]types.Round{0: second, second.Number: second, first.Number: first} {
		report, err := f.keeper.Report(f.ctx, hash, number)
		require.NoError(t, err)
		require.Equal(t, round.Number, report.Round.Number)
		require.Len(t, report.Verdicts, 3)
	}
	report, err := f.keeper.Report(f.ctx, hash, first.Number)
	require.NoError(t, err)
	var said []types.Category
	for _, verdict := range report.Verdicts {
		said = append(said, verdict.Category)
	}
	require.Equal(t, []types.Category{types.CATEGORY_MALICIOUS, types.CATEGORY_MALICIOUS, types.CATEGORY_UNDETECTED}, said)
	_, err = f.keeper.Report(f.ctx, hash, 99)
	require.Equal(t, codes.NotFound, status.Code(err))
}

// pendingAt are the heights at which a sample waits for a round of a kind.
func (f *fixture) pendingAt(kind types.RoundKind, hash []byte) (heights []int64) {
	f.t.Helper()
	err := f.keeper.Pending.Walk(f.ctx, nil, func(key collections.Triple[uint32, int64, []byte]) (bool, error) {
		if key.K1() == uint32(kind) && bytes.Equal(key.K3(), hash) {
			heights = append(heights, key.K2())
		}
		return false, nil
	})
	require.NoError(f.t, err)
	return heights
}

func TestPrioritiseMovesToTheFront(t *testing.T) {
	f := newFixture(t, 1)
	f.setParams(func(p *types.Params) { p.MaxRoundSamples = 1 })
	early := f.addSamples("early", 2)
	require.NoError(t, f.keeper.Prioritise(f.ctx, early[1]))
	require.Equal(t, []int64{0}, f.pendingAt(types.ROUND_KIND_INITIAL, early[1]))
	require.NoError(t, f.keeper.Prioritise(f.ctx, early[1]), "once more changes nothing")
	require.Equal(t, []int64{0}, f.pendingAt(types.ROUND_KIND_INITIAL, early[1]))
	require.Equal(t, []int64{1}, f.pendingAt(types.ROUND_KIND_INITIAL, early[0]))

	round := f.untilOpen()
	require.Equal(t, samplestypes.STATUS_SCANNING, f.sampleStatus(early[1]))
	require.Equal(t, samplestypes.STATUS_QUEUED, f.sampleStatus(early[0]), "it came first, but waits")
	require.NoError(t, f.keeper.Prioritise(f.ctx, early[1]), "in its round it waits for nothing")
	require.Empty(t, f.pendingAt(types.ROUND_KIND_INITIAL, early[1]))
	f.run(round, allOf(types.CATEGORY_UNDETECTED))

	f.rescan(early[1])
	require.NoError(t, f.keeper.Prioritise(f.ctx, early[1]))
	require.Equal(t, []int64{0}, f.pendingAt(types.ROUND_KIND_RESCAN, early[1]))
	require.ErrorIs(t, f.keeper.Prioritise(f.ctx, bytes.Repeat([]byte{1}, 32)), samplestypes.ErrNotFound)
	require.NoError(t, f.keeper.PendingInvariant(f.ctx))
}

// A rescan of an earlier block, and what waits again after a void round, stay where they are.
func TestPrioritiseLeavesOthers(t *testing.T) {
	f := newFixture(t, 1)
	hashes := f.addSamples("any", 2)
	round := f.untilOpen()
	f.setParams(func(p *types.Params) { p.RoundIntervalBlocks = 1000 })
	f.letVoid(round)
	again := f.pendingAt(types.ROUND_KIND_INITIAL, hashes[0])
	require.Len(t, again, 1)
	require.NoError(t, f.keeper.Prioritise(f.ctx, hashes[0]))
	require.Equal(t, again, f.pendingAt(types.ROUND_KIND_INITIAL, hashes[0]))
	f.setParams(func(p *types.Params) { p.RoundIntervalBlocks = 1 })
	f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED))

	f.setParams(func(p *types.Params) { p.RoundIntervalBlocks = 1000 })
	f.rescan(hashes[1])
	waits := f.pendingAt(types.ROUND_KIND_RESCAN, hashes[1])
	f.endBlock()
	require.NoError(t, f.keeper.Prioritise(f.ctx, hashes[1]))
	require.Equal(t, waits, f.pendingAt(types.ROUND_KIND_RESCAN, hashes[1]))
}
