package rewards

import (
	"math/big"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
	bounty "github.com/virusmap/virusmap/x/bounty/types"
	samples "github.com/virusmap/virusmap/x/samples/types"
	supernode "github.com/virusmap/virusmap/x/supernode/types"
)

// A treasury of 1001 halves every 3 epochs: 1001 - 500 = 501, then 500 - 250 = 250, …
func TestEmission(t *testing.T) {
	schedule := bounty.Schedule{Treasury: math.NewInt(1001), PeriodEpochs: 3, Tail: math.NewInt(0)}
	for epoch, want := range []int64{167, 167, 167, 83, 83, 84, 41, 42, 42} {
		require.EqualValues(t, want, emission(schedule, uint64(epoch)).Int64(), "epoch %d", epoch)
	}
	sum := new(big.Int)
	for epoch := range uint64(60) {
		sum.Add(sum, emission(schedule, epoch))
	}
	require.EqualValues(t, 1001, sum.Int64(), "no dust")
	require.Zero(t, emission(schedule, 3*256).Int64())
	schedule.Tail = math.NewInt(50)
	require.EqualValues(t, 50, emission(schedule, 6).Int64())
	require.EqualValues(t, 83, emission(schedule, 3).Int64())
}

// earned gives ann 1 and ben 2 of the 4 samples that contributors are paid in full for, and
// operator a 30 and b 10 of 50 samples' worth of engine points.
func earned(t *testing.T) *Audit {
	a := newAudit(t, func(s *State) {
		p := &s.Bounty.Params
		p.ContributorTargetSamples, p.EngineTargetSamples, p.StorageTargetGibDays = 4, 50, 1
		p.ClaimWindowSeconds, p.MaxEpochsPerClaim = 600, 1
	})
	a.nextEpoch, a.oldest = 1, 1
	a.params.EstablishedPoints = 0
	a.give(account("ann"), 1_000_000)
	a.give(account("ben"), 2_000_000)
	for operator, points := range map[string]uint64{"a": 30_000_000, "b": 10_000_000} {
		a.work(account(operator)).EnginePoints = points
		a.running().enginePoints += points
	}
	a.epoch = 2
	return a
}

// The second of periods of one epoch gives 250,000: 125,000 for contributors, of which
// 3/4 are paid; 87,500 for engines, 4/5; 37,500 for storage, half.
func TestSettlement(t *testing.T) {
	a := earned(t)
	for operator, proved := range map[string]uint32{"a": 4, "b": 2} {
		a.at(1).works[account(operator)].Proved, a.at(1).works[account(operator)].Challenged = proved, 4
	}
	a.told.note(&bounty.EventEpochSettled{Epoch: 1, StorageKibDays: 1 << 19})
	a.told.note(&bounty.EventOperatorPaid{Epoch: 1, Operator: account("a"), StorageKibDays: 349_525})
	a.told.note(&bounty.EventOperatorPaid{Epoch: 1, Operator: account("b"), StorageKibDays: 174_763})
	a.settleEpochs()
	e := a.at(1)
	require.Equal(t, "250000 93750 70000 18750", e.emission.String()+" "+e.contributors.String()+" "+e.engines.String()+" "+e.storage.String())
	require.Equal(t, bounty.EPOCH_STATUS_CLAIMABLE, e.status)
	require.EqualValues(t, 70_000, a.ledger.engines.Int64())
	require.EqualValues(t, 12_499+6_250, a.ledger.storage.Int64())
	require.EqualValues(t, 1_000_000-93_750-70_000-18_749, a.treasury.Int64())
	ours := a.told.at("operators", "1/"+account("b")).ours.(*bounty.EventOperatorPaid)
	require.Equal(t, "17500", ours.Engines)
	require.Equal(t, "6250", ours.Storage)
	require.Equal(t, 1, a.Report.Different(), "174,763 are one too many for half of the proofs: %v", a.Report.Mismatches)

	a.claim(&bounty.EventClaimed{Contributor: account("ann")})
	require.EqualValues(t, 31_250, a.points[account("ann")][1].claimed.Int64())
	a.now = 1600
	a.closeEpochs()
	require.EqualValues(t, 31_250, a.ledger.contributors.Int64())
	require.EqualValues(t, 1_000_000-31_250-70_000-18_749, a.treasury.Int64())
	a.claim(&bounty.EventClaimed{Contributor: account("ben")})
	require.Zero(t, a.points[account("ben")][1].claimed.Sign(), "too late")
}

func TestAnEpochTakesNoMoreThanTheTreasuryHas(t *testing.T) {
	a := earned(t)
	a.treasury = big.NewInt(1001)
	a.settleEpochs()
	require.EqualValues(t, 1001, a.at(1).emission.Int64())
	require.EqualValues(t, 375, a.at(1).contributors.Int64(), "3/4 of 500")
}

// What an operator would get that has gone stays in the treasury, and the next epoch waits
// till all are paid.
func TestPayouts(t *testing.T) {
	a := earned(t)
	a.params.MaxPayoutsPerBlock = 1
	a.epoch = 4
	a.operators.apply(&supernode.EventReleased{Operator: account("a")})
	a.settleEpochs()
	require.EqualValues(t, 2, a.nextEpoch)
	require.Equal(t, bounty.EPOCH_STATUS_PAYING, a.at(1).status)
	a.settleEpochs()
	require.EqualValues(t, 2, a.nextEpoch, "the last payment took the block")
	require.Equal(t, bounty.EPOCH_STATUS_CLAIMABLE, a.at(1).status)
	a.settleEpochs()
	require.EqualValues(t, 4, a.nextEpoch)
	require.EqualValues(t, 17_500, a.ledger.engines.Int64())
	require.EqualValues(t, 1_000_000-93_750-17_500, a.treasury.Int64())
}

func TestClaimsAreOldestFirst(t *testing.T) {
	a := earned(t)
	a.give(account("ann"), 4_000_000)
	a.epoch = 3
	a.settleEpochs()
	for _, want := range []uint64{1, 2} {
		a.claim(&bounty.EventClaimed{Contributor: account("ann")})
		require.Positive(t, a.points[account("ann")][want].claimed.Sign())
		require.Equal(t, a.at(want).claimed, a.points[account("ann")][want].claimed)
	}
	require.Zero(t, a.points[account("ben")][1].claimed.Sign())
}

// A gift to an epoch's account returns to the treasury with what nobody claimed, up to
// what was claimed, and is no difference.
func TestGifts(t *testing.T) {
	a := earned(t)
	a.bank.watch(epochAddress(1))
	move := func(from, to, amount string) {
		for _, event := range []abci.Event{
			{Type: "coin_spent", Attributes: []abci.EventAttribute{{Key: "spender", Value: from}, {Key: "amount", Value: amount}}},
			{Type: "coin_received", Attributes: []abci.EventAttribute{{Key: "receiver", Value: to}, {Key: "amount", Value: amount}}},
			{Type: "transfer", Attributes: []abci.EventAttribute{{Key: "recipient", Value: to}, {Key: "sender", Value: from}, {Key: "amount", Value: amount}}},
		} {
			a.bank.apply(event)
		}
	}
	a.settleEpochs()
	move(treasuryAddress(), epochAddress(1), "93750uvmt")
	move(treasuryAddress(), account("rewards of operators"), "70000uvmt")
	move(account("giver"), epochAddress(1), "5uvmt")
	a.compareBalances()
	a.claim(&bounty.EventClaimed{Contributor: account("ann")})
	move(epochAddress(1), account("ann"), "31250uvmt")
	a.compareBalances()
	a.now = 1600
	a.closeEpochs()
	require.Equal(t, "62505", a.told.at("closed epochs", "1").ours.(*bounty.EventEpochClosed).Returned)
	move(epochAddress(1), treasuryAddress(), "62505uvmt")
	a.compareBalances()
	require.Zero(t, a.Report.Different(), a.Report.Mismatches)

	move(treasuryAddress(), account("thief"), "1uvmt")
	a.compareBalances()
	require.Equal(t, 2, a.Report.Different(), "the treasury, and all of it together")
	a.bank.moved = true
	a.compareBalances()
	require.Equal(t, 2, a.Report.Different(), "it is told once")
}

func TestChallengesCountWhenTheyEnd(t *testing.T) {
	a := newAudit(t, func(s *State) { s.Samples.Params.MaxExpiriesPerBlock = 2 })
	for index := range uint32(4) {
		require.NoError(t, a.challenges.apply(&samples.EventChallenged{Operator: account("a"), Epoch: 1, Index: index, DeadlineHeight: 100}))
	}
	require.NoError(t, a.challenges.apply(&samples.EventStorageProved{Operator: account("a"), Epoch: 1, Index: 0}))
	require.NoError(t, a.challenges.apply(&samples.EventStorageProved{Operator: account("a"), Epoch: 1, Index: 2}))
	require.Error(t, a.challenges.apply(&samples.EventStorageProved{Operator: account("a"), Epoch: 1, Index: 9}))
	a.endChallenges()
	require.Empty(t, a.running().works, "the deadline is the last block that takes answers")
	a.height = 101
	require.NoError(t, a.challenges.apply(&samples.EventStorageMissed{Operator: account("a"), Epoch: 1, Index: 1}))
	a.endChallenges()
	require.EqualValues(t, 2, a.work(account("a")).Challenged)
	a.epoch = 2
	a.endChallenges() // nobody is to blame for the fourth
	require.EqualValues(t, 1, a.at(1).works[account("a")].Proved)
	require.EqualValues(t, 1, a.work(account("a")).Challenged)
}

func TestRefusals(t *testing.T) {
	a := newAudit(t, nil)
	require.ErrorContains(t, a.Block(blocks.Block{Height: 102}), "all blocks are needed")
	update := "/virusmap.bounty.v1.MsgUpdateParams"
	require.ErrorContains(t, a.changes.apply(abci.Event{Type: "message", Attributes: []abci.EventAttribute{{Key: "action", Value: update}}}), "changes parameters")
	propose := func(id, messages string) {
		require.NoError(t, a.changes.apply(abci.Event{Type: "submit_proposal", Attributes: []abci.EventAttribute{
			{Key: "proposal_id", Value: id}, {Key: "proposal_messages", Value: messages},
		}}))
	}
	end := func(id, result string) error {
		return a.changes.apply(abci.Event{Type: "active_proposal", Attributes: []abci.EventAttribute{
			{Key: "proposal_id", Value: id}, {Key: "proposal_result", Value: result},
		}})
	}
	propose("1", ",/cosmos.bank.v1beta1.MsgUpdateParams")
	propose("2", ",/cosmos.bank.v1beta1.MsgUpdateParams,"+update)
	propose("3", update)
	require.NoError(t, end("1", "proposal_passed"))
	require.ErrorContains(t, end("2", "proposal_passed"), "proposal 2")
	require.NoError(t, end("3", "proposal_rejected"))

	used := a.genesis
	used.Bounty.Points = []bounty.Points{{}}
	_, err := New(used)
	require.ErrorContains(t, err, "rewards of epochs")
	require.ErrorContains(t, a.Export(State{Height: 7}), "after block 6")
}

func TestReportIsBounded(t *testing.T) {
	r := newReport()
	for range 3 * maxMismatches {
		r.compare(1, "epochs", "1", "2", "3")
	}
	r.compare(1, "epochs", "1", "2", "2")
	require.Len(t, r.Mismatches, maxMismatches)
	require.Equal(t, []Row{{What: "epochs", Compared: 3*maxMismatches + 1, Different: 3 * maxMismatches}}, r.Rows)
	ours, theirs := differing(&bounty.EventEpochClosed{Epoch: 1, Returned: "2"}, &bounty.EventEpochClosed{Epoch: 1, Returned: "3"})
	require.Equal(t, "Returned 2|Returned 3", ours+"|"+theirs)
}
