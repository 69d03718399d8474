package keeper_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

func TestRoundFromSubmissionToReport(t *testing.T) {
	f := newFixture(t, 2, 1)
	hashes := f.addSamples("first", 3)
	round := f.untilOpen()
	require.Equal(t, types.ROUND_KIND_INITIAL, round.Kind)
	require.EqualValues(t, 2, round.Seats)
	require.EqualValues(t, 3, round.Engines)
	require.Equal(t, types.MembersRoot(hashes), round.MembersRoot)
	require.Equal(t, samplestypes.STATUS_SCANNING, f.sampleStatus(hashes[0]))

	say := func(i int) types.Answer {
		if i == 1 {
			return types.Answer{Category: types.CATEGORY_MALICIOUS, Confidence: 15, Label: "Win.Test.EICAR_HDB-1"}
		}
		return types.Answer{Category: types.CATEGORY_UNDETECTED, Confidence: 8}
	}
	opened := round.OpenedHeight
	round = f.run(round, say, say)
	require.Equal(t, types.ROUND_STATUS_FINAL, round.Status)
	require.Equal(t, opened+2, round.FinalHeight, "both phases close as soon as everybody has acted")

	report, err := f.report(hashes[1], 0)
	require.NoError(t, err)
	require.Equal(t, types.OUTCOME_MALICIOUS, report.Outcome)
	require.Len(t, report.Verdicts, 3)
	for _, verdict := range report.Verdicts {
		require.Equal(t, types.CATEGORY_MALICIOUS, verdict.Category)
		require.Equal(t, "Win.Test.EICAR_HDB-1", verdict.Label)
		require.EqualValues(t, 15, verdict.Confidence)
	}
	clean, err := f.report(hashes[0], round.Number)
	require.NoError(t, err)
	require.Equal(t, types.OUTCOME_CLEAN, clean.Outcome)
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[0]))
}

func TestRoundRootsMatchWhatIsServed(t *testing.T) {
	f := newFixture(t, 2, 1)
	f.addSamples("first", 300) // more than one page
	round := f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_HARMLESS))

	members, err := f.queries.Members(f.ctx, &types.QueryMembersRequest{Round: round.Number})
	require.NoError(t, err)
	var hashes [][]byte
	for rest := members.Hashes; len(rest) > 0; rest = rest[32:] {
		hashes = append(hashes, rest[:32])
	}
	require.Len(t, hashes, 300)
	require.Equal(t, round.MembersRoot, types.MembersRoot(hashes))

	served, err := f.queries.Attestations(f.ctx, &types.QueryAttestationsRequest{Round: round.Number})
	require.NoError(t, err)
	var leaves [][]byte
	for i, signed := range served.Attestations {
		leaf, err := types.AttestationLeaf(f.operators[i].addr, signed.Attestation)
		require.NoError(t, err)
		leaves = append(leaves, leaf)
	}
	require.Equal(t, round.AttestationsRoot, types.AttestationsRoot(leaves))
	require.NotEqual(t, round.AttestationsRoot, types.AttestationsRoot(leaves[:1]), "a dropped supernode shows")
}

func TestSilentSupernodeDoesNotStallTheRound(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	hashes := f.addSamples("first", 1)
	round := f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_UNDETECTED))
	require.Equal(t, types.ROUND_STATUS_FINAL, round.Status)
	require.Equal(t, round.CommitEndHeight+1, round.FinalHeight, "commits wait for the window, reveals close early")
	report, err := f.report(hashes[0], 0)
	require.NoError(t, err)
	require.Equal(t, types.OUTCOME_CLEAN, report.Outcome, "two of three engines are a quorum")
}

func TestRoundWithoutCommitsQueuesItsMembersAgain(t *testing.T) {
	f := newFixture(t, 1)
	hashes := f.addSamples("first", 5)
	void := f.untilOpen()
	for f.round(void.Number).FinalHeight == 0 {
		f.endBlock()
	}
	require.Equal(t, types.ROUND_STATUS_VOID, f.round(void.Number).Status)
	second := f.untilOpen()
	require.Greater(t, second.Number, void.Number)
	require.Equal(t, void.MembersRoot, second.MembersRoot, "nothing is lost")
	f.run(second, allOf(types.CATEGORY_UNDETECTED))
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[4]))
}

func TestRoundWithoutRevealsQueuesItsMembersAgain(t *testing.T) {
	f := newFixture(t, 1)
	hashes := f.addSamples("first", 2)
	round := f.untilOpen()
	attestation := f.operators[0].answers(2, allOf(types.CATEGORY_UNDETECTED))
	require.NoError(t, f.commit(f.operators[0], round.Number, attestation))
	for f.round(round.Number).FinalHeight == 0 {
		f.endBlock()
	}
	require.Equal(t, types.ROUND_STATUS_VOID, f.round(round.Number).Status)
	f.untilOpen()
	require.Equal(t, samplestypes.STATUS_SCANNING, f.sampleStatus(hashes[0]))
}

func TestUndecryptableSampleIsInvalidAndItsDepositBurned(t *testing.T) {
	f := newFixture(t, 1, 1)
	supply := f.bank.GetSupply(f.ctx, denom).Amount
	hashes := f.addSamples("first", 2)
	say := func(i int) types.Answer {
		if i == 0 {
			return types.Answer{Category: types.CATEGORY_UNDECRYPTABLE}
		}
		return types.Answer{Category: types.CATEGORY_UNDETECTED, Confidence: 8}
	}
	f.run(f.untilOpen(), say, say)
	require.Equal(t, samplestypes.STATUS_INVALID, f.sampleStatus(hashes[0]))
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[1]))
	deposit := samplestypes.DefaultParams().Deposit.Amount
	require.Equal(t, supply.Sub(deposit), f.bank.GetSupply(f.ctx, denom).Amount)
}

func TestSamplesWaitWithoutSeatedSupernodes(t *testing.T) {
	f := newFixture(t)
	hashes := f.addSamples("first", 1)
	for range 10 {
		f.endBlock()
	}
	require.Equal(t, samplestypes.STATUS_QUEUED, f.sampleStatus(hashes[0]))
	_, err := f.report(hashes[0], 0)
	require.ErrorContains(t, err, "queued")
}

func TestBlockedSampleIsNotScanned(t *testing.T) {
	f := newFixture(t, 1)
	hashes := f.addSamples("first", 2)
	_, err := f.submit.BlockSample(f.ctx, &samplestypes.MsgBlockSample{Authority: f.authority, Sha256: hashes[0], Reason: "court order"})
	require.NoError(t, err)
	require.EqualValues(t, 1, f.untilOpen().Samples)
}

func TestMemberBlockedInAVoidRoundIsNotScannedAgain(t *testing.T) {
	f := newFixture(t, 1)
	hashes := f.addSamples("first", 2)
	void := f.untilOpen()
	before := f.bank.GetBalance(f.ctx, contributor, denom).Amount
	_, err := f.submit.BlockSample(f.ctx, &samplestypes.MsgBlockSample{Authority: f.authority, Sha256: hashes[1], Reason: "court order"})
	require.NoError(t, err)
	for f.round(void.Number).FinalHeight == 0 {
		f.endBlock()
	}
	require.EqualValues(t, 1, f.untilOpen().Samples)
	require.Equal(t, samplestypes.STATUS_BLOCKED, f.sampleStatus(hashes[1]))
	after := f.bank.GetBalance(f.ctx, contributor, denom).Amount
	require.Equal(t, samplestypes.DefaultParams().Deposit.Amount, after.Sub(before), "its deposit is returned")
}

func TestRescanKeepsHistory(t *testing.T) {
	f := newFixture(t, 1)
	hashes := f.addSamples("first", 1)
	first := f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED))
	_, err := f.submit.RequestRescan(f.ctx, &samplestypes.MsgRequestRescan{Requester: contributor.String(), Sha256: hashes[0]})
	require.NoError(t, err)
	rescan := f.untilOpen()
	require.Equal(t, types.ROUND_KIND_RESCAN, rescan.Kind)

	during, err := f.report(hashes[0], 0)
	require.NoError(t, err)
	require.Equal(t, first.Number, during.Round.Number, "the last finished round is shown while the next one runs")
	f.run(rescan, allOf(types.CATEGORY_MALICIOUS))

	history, err := f.queries.History(f.ctx, &types.QueryHistoryRequest{Sha256: hexOf(hashes[0])})
	require.NoError(t, err)
	require.Equal(t, []types.HistoryEntry{
		{Round: first.Number, Outcome: types.OUTCOME_CLEAN},
		{Round: rescan.Number, Outcome: types.OUTCOME_MALICIOUS},
	}, history.Entries)
	then, err := f.report(hashes[0], first.Number)
	require.NoError(t, err)
	require.Equal(t, types.OUTCOME_CLEAN, then.Outcome, "an old verdict is not overwritten")
}

func TestTallyIsSpreadOverBlocks(t *testing.T) {
	f := newFixture(t, 1)
	f.setParams(func(p *types.Params) { p.TallySamplesPerBlock = 256 })
	hashes := f.addSamples("first", 600)
	round := f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED))
	require.Equal(t, round.OpenedHeight+2+2, round.FinalHeight, "600 samples need three blocks")
	require.EqualValues(t, 600, round.Tallied)
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[599]))
}

func TestOpenRoundsAreBounded(t *testing.T) {
	f := newFixture(t, 1)
	f.setParams(func(p *types.Params) { p.MaxOpenRounds, p.MaxRoundSamples = 2, 10 })
	f.addSamples("first", 45)
	for range 10 {
		f.endBlock()
	}
	open, err := f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
	require.NoError(t, err)
	require.Len(t, open.Rounds, 2)
	require.EqualValues(t, 10, open.Rounds[0].Samples)
}

func TestRunningRoundKeepsItsRules(t *testing.T) {
	f := newFixture(t, 1, 1, 1, 1)
	hashes := f.addSamples("first", 1)
	round := f.untilOpen()
	f.setParams(func(p *types.Params) { p.MaliciousPpm = 1_000_000 })
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.run(round, allOf(types.CATEGORY_MALICIOUS), allOf(types.CATEGORY_MALICIOUS), undetected, undetected)
	report, err := f.report(hashes[0], 0)
	require.NoError(t, err)
	require.Equal(t, types.OUTCOME_MALICIOUS, report.Outcome, "half is malicious under the rules at the opening")
}

func TestPruningKeepsRootsAndOutcomes(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.setParams(func(p *types.Params) {
		p.RetentionSeconds, p.MaxPrunesPerBlock = 60, 2
		p.RetrospectiveDelaysSeconds, p.SlicesPpm = []uint64{10}, []uint32{500_000, 500_000}
	})
	hashes := f.addSamples("first", 600)
	before := f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_UNDETECTED))
	f.judgeAgain(10*time.Second, allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_UNDETECTED))
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Minute))
	for range 2 * 5 { // 3 pages, 2 commitments, 2 attestations at 2 a block, of both rounds
		f.endBlock()
	}
	after := f.round(before.Number)
	require.True(t, after.Pruned)
	require.Equal(t, before.AttestationsRoot, after.AttestationsRoot)
	for _, left := range []func() bool{
		func() bool {
			it, err := f.keeper.MemberPages.Iterate(f.ctx, nil)
			require.NoError(t, err)
			return it.Valid()
		},
		func() bool {
			it, err := f.keeper.Attestations.Iterate(f.ctx, nil)
			require.NoError(t, err)
			return it.Valid()
		},
		func() bool {
			it, err := f.keeper.Commitments.Iterate(f.ctx, nil)
			require.NoError(t, err)
			return it.Valid()
		},
		func() bool { it, err := f.keeper.Prune.Iterate(f.ctx, nil); require.NoError(t, err); return it.Valid() },
	} {
		require.False(t, left())
	}
	report, err := f.report(hashes[7], 0)
	require.NoError(t, err)
	require.Equal(t, types.OUTCOME_CLEAN, report.Outcome)
	require.Empty(t, report.Verdicts)
	_, err = f.queries.Attestations(f.ctx, &types.QueryAttestationsRequest{Round: before.Number})
	require.ErrorContains(t, err, "pruned")
}

func TestReportOfUnknownSample(t *testing.T) {
	f := newFixture(t, 1)
	_, err := f.report(bytes.Repeat([]byte{1}, 32), 0)
	require.ErrorContains(t, err, "not known")
	_, err = f.queries.Report(f.ctx, &types.QueryReportRequest{Sha256: "xyz"})
	require.ErrorContains(t, err, "64 hex digits")
}
