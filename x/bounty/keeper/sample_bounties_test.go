package keeper_test

import (
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	mal   = verdictstypes.CATEGORY_MALICIOUS
	susp  = verdictstypes.CATEGORY_SUSPICIOUS
	clean = verdictstypes.CATEGORY_UNDETECTED
	fail  = verdictstypes.CATEGORY_FAILURE

	malicious = verdictstypes.OUTCOME_MALICIOUS
	harmless  = verdictstypes.OUTCOME_CLEAN
	open      = verdictstypes.OUTCOME_UNDETERMINED

	initial       = verdictstypes.ROUND_KIND_INITIAL
	rescan        = verdictstypes.ROUND_KIND_RESCAN
	retrospective = verdictstypes.ROUND_KIND_RETROSPECTIVE
)

// rewards is what an operator's rewards account holds, for itself and its delegators.
func (f *bountyFixture) rewards(i int) int64 {
	return f.balance(supernodetypes.RewardsAddress(f.operators[i]))
}

// onSample posts a bounty on a new sample and runs a block.
func (f *bountyFixture) onSample(amount int64) (id, hash []byte) {
	f.t.Helper()
	hash = f.submit(finder, "asked about")
	id = f.mustPost(types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(hash), amount, 0)
	f.endBlock(1, time.Second)
	return id, hash
}

// expire lets the bounty's time go by and ends the block in which it is judged.
func (f *bountyFixture) expire() {
	f.t.Helper()
	f.endBlock(1, runsFor)
	f.freshEvents()
	f.endBlock(1, time.Second)
}

func TestEnginesThatWereRightShareByWeight(t *testing.T) {
	for name, test := range map[string]struct {
		outcome verdictstypes.Outcome
		answers said
		weights []uint64
		want    [3]int64 // what the operators get of 10,000,000
	}{
		"all":               {malicious, said{mal, mal, mal}, []uint64{1, 1, 1}, [3]int64{3_333_333, 3_333_333, 3_333_333}},
		"by weight":         {malicious, said{mal, susp, mal}, []uint64{500_000, 300_000, 200_000}, [3]int64{5_000_000, 3_000_000, 2_000_000}},
		"dust":              {malicious, said{mal, mal, mal}, []uint64{7, 7, 3}, [3]int64{4_117_647, 4_117_647, 1_764_705}},
		"one wrong":         {malicious, said{mal, clean, mal}, []uint64{500_000, 300_000, 200_000}, [3]int64{7_142_857, 0, 2_857_142}},
		"clean":             {harmless, said{mal, clean, fail}, []uint64{500_000, 300_000, 200_000}, [3]int64{0, 10_000_000, 0}},
		"no answer":         {malicious, said{fail, mal, 0}, []uint64{500_000, 300_000, 200_000}, [3]int64{0, 10_000_000, 0}},
		"nobody right":      {malicious, said{clean, clean, fail}, []uint64{1, 1, 1}, [3]int64{}},
		"right but no word": {malicious, said{mal, clean, clean}, []uint64{0, 1, 1}, [3]int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newBountyFixture(t)
			before := f.balance(analyst)
			id, hash := f.onSample(10 * vmt)
			f.finalRound(initial, hash, test.outcome, test.answers, test.weights...)
			f.expire()
			require.False(t, f.runs(id))
			paid, sum := bountyEvents[*types.EventBountyPaid](f), int64(0)
			for i, want := range test.want {
				require.Equal(t, want, f.rewards(i), "operator %d", i)
				sum += want
				if want > 0 {
					require.Equal(t, &types.EventBountyPaid{Bounty: id, Sha256: hash, Recipient: f.operators[i].String(), Amount: fmt.Sprint(want)}, paid[0])
					paid = paid[1:]
				}
			}
			require.Empty(t, paid)
			require.Equal(t, before-vmt-sum, f.balance(analyst), "what nobody earned returns, to the last uvmt")
			refunded := bountyEvents[*types.EventBountyRefunded](f)
			if sum == 10*vmt {
				require.Empty(t, refunded)
			} else {
				require.Equal(t, []*types.EventBountyRefunded{{Bounty: id, Amount: fmt.Sprint(10*vmt - sum)}}, refunded)
			}
		})
	}
}

func TestTheFirstScanAfterThePostingCounts(t *testing.T) {
	everybody := []uint64{1, 1, 1}
	for name, test := range map[string]struct {
		before, after func(f *bountyFixture, hash []byte)
		want          [3]int64
	}{
		"an older scan is not paid": {
			before: func(f *bountyFixture, hash []byte) {
				f.finalRound(initial, hash, malicious, said{mal, mal, mal}, everybody...)
			},
		},
		"a rescan is": {
			before: func(f *bountyFixture, hash []byte) {
				f.finalRound(initial, hash, malicious, said{mal, clean, clean}, everybody...)
			},
			after: func(f *bountyFixture, hash []byte) {
				f.finalRound(rescan, hash, malicious, said{clean, mal, clean}, everybody...)
			},
			want: [3]int64{0, 10_000_000, 0},
		},
		"a later scan is not": {
			after: func(f *bountyFixture, hash []byte) {
				f.finalRound(initial, hash, malicious, said{mal, clean, clean}, everybody...)
				f.finalRound(rescan, hash, malicious, said{clean, mal, mal}, everybody...)
			},
			want: [3]int64{10_000_000, 0, 0},
		},
		"a retrospective is not": {
			after: func(f *bountyFixture, hash []byte) {
				f.finalRound(retrospective, hash, malicious, said{mal, clean, clean}, everybody...)
				f.finalRound(rescan, hash, malicious, said{clean, clean, mal}, everybody...)
			},
			want: [3]int64{0, 0, 10_000_000},
		},
		"the truth is the newest": {
			after: func(f *bountyFixture, hash []byte) {
				f.finalRound(initial, hash, malicious, said{mal, clean, clean}, everybody...)
				f.finalRound(retrospective, hash, harmless, said{clean, clean, clean}, everybody...)
			},
			want: [3]int64{0, 5_000_000, 5_000_000},
		},
		"an appeal's truth goes before": {
			after: func(f *bountyFixture, hash []byte) {
				f.finalRound(initial, hash, malicious, said{mal, clean, clean}, everybody...)
				require.NoError(f.t, f.verdicts.Truths.Set(f.ctx, hash, uint32(harmless)))
			},
			want: [3]int64{0, 5_000_000, 5_000_000},
		},
		"no truth pays nobody": {
			after: func(f *bountyFixture, hash []byte) {
				f.finalRound(initial, hash, open, said{mal, clean, fail}, everybody...)
			},
		},
		"pruned vectors pay nobody": {
			after: func(f *bountyFixture, hash []byte) {
				number := f.finalRound(initial, hash, malicious, said{mal, mal, mal}, everybody...)
				round, err := f.verdicts.Round(f.ctx, number)
				require.NoError(f.t, err)
				round.Pruned = true
				require.NoError(f.t, f.verdicts.Rounds.Set(f.ctx, number, round))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newBountyFixture(t)
			before := f.balance(analyst)
			hash := f.submit(finder, "asked about")
			if test.before != nil {
				test.before(f, hash)
				f.endBlock(1, time.Second)
			}
			id := f.mustPost(types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(hash), 10*vmt, 0)
			if test.after != nil {
				test.after(f, hash) // in the same block: rounds open at its end
			}
			f.expire()
			require.False(t, f.runs(id))
			require.Equal(t, test.want, [3]int64{f.rewards(0), f.rewards(1), f.rewards(2)})
			require.Equal(t, before-vmt-test.want[0]-test.want[1]-test.want[2], f.balance(analyst))
		})
	}
}

func TestDelegatorsShareInABounty(t *testing.T) {
	f := newBountyFixture(t)
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(t, err)
	_, err = supernodekeeper.NewMsgServer(f.supernode).Delegate(f.ctx, &supernodetypes.MsgDelegate{
		Delegator: rival.String(), Operator: f.operators[0].String(), Amount: params.MinSelfBond, // as much as its own
	})
	require.NoError(t, err)
	_, hash := f.onSample(10 * vmt)
	f.finalRound(initial, hash, malicious, said{mal, clean, clean}, 1, 1, 1)
	f.expire()
	before := f.balance(rival)
	response, err := supernodekeeper.NewMsgServer(f.supernode).WithdrawRewards(f.ctx, &supernodetypes.MsgWithdrawRewards{
		Delegator: rival.String(), Operator: f.operators[0].String(),
	})
	require.NoError(t, err)
	require.True(t, response.Amount.IsPositive())
	require.Equal(t, before+response.Amount.Int64(), f.balance(rival))
	require.Equal(t, 10*vmt-response.Amount.Int64(), f.rewards(0), "the rest is the operator's")
}

// The share of an operator that is gone returns to the funders by their stakes, and the dust
// to the first.
func TestTheShareOfWhoIsGoneReturns(t *testing.T) {
	f := newBountyFixture(t)
	hash := f.submit(finder, "asked about")
	before, sponsored := f.balance(analyst), f.balance(sponsor)
	id := f.mustPost(types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(hash), 10*vmt, 0)
	require.NoError(t, f.topUp(sponsor, id, 20*vmt))
	f.finalRound(initial, hash, malicious, said{mal, mal, mal}, 7, 7, 3)
	require.NoError(t, f.supernode.Supernodes.Remove(f.ctx, f.operators[2]))
	f.expire()
	require.False(t, f.runs(id))
	// 30,000,000: 12,352,941 each, 5,294,117 of who is gone, and 1 of dust.
	require.Equal(t, [3]int64{12_352_941, 12_352_941, 0}, [3]int64{f.rewards(0), f.rewards(1), f.rewards(2)})
	require.Equal(t, sponsored-20*vmt+3_529_411, f.balance(sponsor), "5,294,117 · 2 / 3")
	require.Equal(t, before-11*vmt+1_764_705+1+1, f.balance(analyst), "5,294,117 / 3, what is left of that, and the dust")
	require.Equal(t, []*types.EventBountyRefunded{{Bounty: id, Amount: "5294118"}}, bountyEvents[*types.EventBountyRefunded](f))
}

func TestSeveralEnginesOfAnOperatorCountTogether(t *testing.T) {
	f := newBountyFixture(t)
	_, hash := f.onSample(10*vmt + 1)
	number := f.finalRound(initial, hash, malicious, said{mal, mal, 0}, 1, 1)
	require.NoError(t, f.verdicts.Weights.Set(f.ctx, number, verdictstypes.WeightTable{Epoch: number, Rows: []verdictstypes.EngineWeight{
		{Operator: f.operators[0].String(), Engine: "av", Weight: 1},
		{Operator: f.operators[0].String(), Engine: "ml", Weight: 1},
		{Operator: f.operators[1].String(), Engine: "av", Weight: 1},
	}}))
	f.twoEngines(number, f.operators[0])
	f.expire()
	// Two thirds of 10,000,001 rounded down once, and not twice a third.
	require.Equal(t, [3]int64{6_666_667, 3_333_333, 0}, [3]int64{f.rewards(0), f.rewards(1), f.rewards(2)})
}

// A bounty is whole money: nothing appears or is lost, whatever the weights.
func FuzzSharesKeepTheMoney(f *testing.F) {
	f.Add(uint32(1), uint32(1), uint32(1), uint32(1), uint8(0b101010))
	f.Add(uint32(7), uint32(1_000_000), uint32(0), uint32(12345), uint8(0b011011))
	f.Fuzz(func(t *testing.T, a, b, c, extra uint32, answers uint8) {
		fixture := newBountyFixture(t)
		supply := fixture.supply()
		amount := 10*vmt + int64(extra)
		id, hash := fixture.onSample(amount)
		require.NoError(t, fixture.topUp(sponsor, id, 10*vmt+int64(extra%7)))
		amount += 10*vmt + int64(extra%7)
		choices := said{mal, clean, fail, 0}
		fixture.finalRound(initial, hash, malicious,
			said{choices[answers&3], choices[answers>>2&3], choices[answers>>4&3]}, uint64(a), uint64(b), uint64(c))
		before := fixture.balance(analyst) + fixture.balance(sponsor)
		fixture.expire()
		require.False(t, fixture.runs(id))
		after := fixture.balance(analyst) + fixture.balance(sponsor)
		require.Equal(t, amount, after-before+fixture.rewards(0)+fixture.rewards(1)+fixture.rewards(2))
		require.Equal(t, supply-vmt, fixture.supply())
	})
}

// closing again, as a queue that stands twice would, moves nothing.
func TestAnEndedBountyEndsNoMore(t *testing.T) {
	f := newBountyFixture(t)
	id, hash := f.onSample(10 * vmt)
	f.finalRound(initial, hash, malicious, said{mal, 0, 0}, 1)
	expiry := f.ctx.BlockTime().Unix()
	f.expire()
	require.False(t, f.runs(id))
	f.fund(types.EscrowAddress(id), 5)
	f.queueExpiry(expiry, id)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 5, f.escrow(id))
	require.Equal(t, 10*vmt, f.rewards(0))
	f.unqueueExpiry(expiry, id)
	require.Equal(t, math.NewInt(5), f.bank.GetBalance(f.ctx, types.EscrowAddress(id), types.Denom).Amount)
	require.NoError(t, f.bank.SendCoins(f.ctx, types.EscrowAddress(id), rival, sdk.NewCoins(uvmt(5))))
}
