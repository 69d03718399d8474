package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// TestPanelIsDrawnFromWhatNobodyKnew: entropy that could be known when the appeal was
// made draws no panel, however often the beacon moves.
func TestPanelIsDrawnFromWhatNobodyKnew(t *testing.T) {
	f := newFixture(t, seated(5)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	asked := f.ctx.BlockHeight()
	for range 5 {
		require.NoError(t, f.supernode.Stir(f.ctx, asked, []byte("known to somebody")))
		f.endBlock()
		require.Equal(t, types.APPEAL_STATUS_DRAW, f.appealOf(hash).Status)
	}
	require.NoError(t, f.supernode.Stir(f.ctx, asked+1, []byte("salts")))
	f.endBlock()
	require.Equal(t, types.APPEAL_STATUS_ROUND, f.appealOf(hash).Status)
}

// TestSaltsOfARoundDrawThePanel lets an ordinary round that runs meanwhile move the beacon.
func TestSaltsOfARoundDrawThePanel(t *testing.T) {
	f := newFixture(t, seated(5)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	f.addSamples("other", 1)
	f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_UNDETECTED))

	round := f.round(f.appealOf(hash).NewestRound())
	beacon, err := f.supernode.Randomness(f.ctx)
	require.NoError(t, err)
	seats, err := f.supernode.Attesters(f.ctx, round.Epoch)
	require.NoError(t, err)
	panel, err := types.DrawByStake(seats, types.AppealSeed(beacon.Value, hash, 0), 3)
	require.NoError(t, err)
	require.Equal(t, []string{panel[0].String(), panel[1].String(), panel[2].String()}, round.Panel, "anybody can check the draw")
	require.Equal(t, round.Panel, newest(events[*types.EventRoundOpened](f)).Panel)
}

func TestOnlyThePanelMayCommit(t *testing.T) {
	f := newFixture(t, seated(5)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	round := f.drawPanel(hash)
	refused := 0
	for _, o := range f.operators {
		err := f.commit(o, round.Number, o.answers(1, allOf(types.CATEGORY_UNDETECTED)))
		free := f.keeper.ExpectsFree(f.ctx, &types.MsgCommitAttestation{
			Sidecar: o.sidecar.String(), Operator: o.addr.String(), Round: round.Number, Hash: make([]byte, 32),
		})
		require.False(t, free, "committed already, or not asked")
		if err != nil {
			require.ErrorIs(t, err, types.ErrNotSeated)
			require.NotContains(t, round.Panel, o.addr.String())
			refused++
		}
	}
	require.Equal(t, 2, refused)
}

// TestAppealsHaveRoundsOfTheirOwn: more appeals than may run wait, and none takes the
// place of an ordinary round.
func TestAppealsHaveRoundsOfTheirOwn(t *testing.T) {
	f := newFixture(t, seated(3)...)
	f.setParams(func(p *types.Params) { p.MaxOpenRounds, p.AppealWindowSeconds = 1, window })
	hashes := f.addSamples("installers", 3)
	say := allOf(types.CATEGORY_MALICIOUS)
	f.run(f.untilOpen(), say, say, say)
	f.fund(publisher, 3*bond)
	for _, hash := range hashes {
		require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	}
	first := f.drawPanel(hashes[0])
	require.Equal(t, types.APPEAL_STATUS_DRAW, f.appealOf(hashes[1]).Status)
	f.addSamples("other", 1)
	f.endBlock()
	f.endBlock()
	open, err := f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.ROUND_KIND_INITIAL, newest(open.Rounds).Kind)
	f.hear(first, types.CATEGORY_UNDETECTED)
	require.Equal(t, types.APPEAL_STATUS_DECIDED, f.appealOf(hashes[0]).Status)
	require.Equal(t, types.APPEAL_STATUS_ROUND, f.appealOf(hashes[1]).Status, "the oldest comes next")
	require.Equal(t, types.APPEAL_STATUS_DRAW, f.appealOf(hashes[2]).Status)
	listed, err := f.queries.Appeals(f.ctx, &types.QueryAppealsRequest{})
	require.NoError(t, err)
	require.Len(t, listed.Appeals, 3)
}

func TestAppealOfATakenDownSampleEndsUndecided(t *testing.T) {
	for name, until := range map[string]func(f *fixture, hash []byte){
		"before the draw": func(*fixture, []byte) {},
		"in its round":    func(f *fixture, hash []byte) { f.drawPanel(hash) },
		"escalated": func(f *fixture, hash []byte) {
			f.judge(hash, types.CATEGORY_UNDETECTED)
			require.NoError(f.t, f.escalate(defender, hash, 2*bond))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, seated(5)...)
			hash := f.judged("installer", types.CATEGORY_MALICIOUS)
			f.fund(publisher, bond)
			f.fund(defender, 2*bond)
			require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
			until(f, hash)
			f.block(hash)
			for f.appealOf(hash).Status == types.APPEAL_STATUS_ROUND {
				f.endBlock() // nobody can fetch it
			}
			f.endBlock()
			require.NoError(t, f.supernode.Stir(f.ctx, f.ctx.BlockHeight(), []byte("salts")))
			f.endBlock()
			f.requireNoAppeal(hash)
			require.EqualValues(t, bond, f.balance(publisher))
			require.EqualValues(t, 2*bond, f.balance(defender))
			require.Equal(t, samplestypes.STATUS_BLOCKED, f.sampleStatus(hash))
			require.Equal(t, "0uvmt", newest(events[*types.EventAppealClosed](f)).Lost)
		})
	}
}

func TestDecisionStandsWhenTheSampleIsTakenDownLater(t *testing.T) {
	f := newFixture(t, seated(5)...)
	hash := f.judged("trojan", types.CATEGORY_MALICIOUS)
	f.fund(publisher, 3*bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	f.judge(hash, types.CATEGORY_MALICIOUS)
	f.block(hash)
	require.ErrorIs(t, f.escalate(publisher, hash, 2*bond), types.ErrNotContestable, "no panel could judge it")
	f.pass(window)
	f.requireNoAppeal(hash)
	require.EqualValues(t, 2*bond, f.balance(publisher))
}

func TestAppealWaitsForAnAttester(t *testing.T) {
	f := newFixture(t, seated(3)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	seats, err := f.supernode.SeatTable.Iterate(f.ctx, nil)
	require.NoError(t, err)
	table, err := seats.KeyValues()
	require.NoError(t, err)
	require.NoError(t, f.supernode.SeatTable.Clear(f.ctx, nil))
	f.endBlock()
	require.NoError(t, f.supernode.Stir(f.ctx, f.ctx.BlockHeight(), []byte("salts")))
	f.endBlock()
	require.Equal(t, types.APPEAL_STATUS_DRAW, f.appealOf(hash).Status)
	for _, seat := range table {
		require.NoError(t, f.supernode.SeatTable.Set(f.ctx, seat.Key, seat.Value))
	}
	f.endBlock()
	require.Equal(t, types.APPEAL_STATUS_ROUND, f.appealOf(hash).Status)
}

// TestDamagedAppealRoundCostsADraw gives a panel's round a vector that cannot be
// counted: it is set aside and another panel is drawn.
func TestDamagedAppealRoundCostsADraw(t *testing.T) {
	f := newFixture(t, seated(3)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	round := f.drawPanel(hash)
	o := f.panelist(round.Panel[0])
	attestation := o.answers(1, allOf(types.CATEGORY_UNDETECTED))
	require.NoError(t, f.commit(o, round.Number, attestation))
	for f.round(round.Number).Status == types.ROUND_STATUS_COMMIT {
		f.endBlock()
	}
	require.NoError(t, f.reveal(o, round.Number, attestation))
	attestation.Vectors[0].Column = []byte{9}
	require.NoError(t, f.keeper.Attestations.Set(f.ctx, collections.Join(round.Number, o.addr), attestation))
	f.endBlock()
	require.Equal(t, types.ROUND_STATUS_VOID, f.round(round.Number).Status)
	require.Equal(t, types.APPEAL_STATUS_DRAW, f.appealOf(hash).Status)
	f.judge(hash, types.CATEGORY_UNDETECTED)
	f.pass(window)
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
}
