package keeper_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func TestPublisherOverturnsAFalsePositive(t *testing.T) {
	f := newFixture(t, seated(5)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	contested := f.round(1)
	f.fund(publisher, bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	require.Zero(t, f.balance(publisher))

	round := f.judge(hash, types.CATEGORY_UNDETECTED)
	require.Equal(t, types.ROUND_STATUS_FINAL, round.Status)
	require.Len(t, round.Panel, 3)
	require.EqualValues(t, 3, round.ExpectedWeight/types.FullWeight, "only the panel counts")
	appeal := f.appealOf(hash)
	require.Equal(t, types.APPEAL_STATUS_DECIDED, appeal.Status)
	require.Equal(t, types.OUTCOME_CLEAN, appeal.Decision)
	require.Equal(t, contested.Number, appeal.ContestedRound)
	require.Equal(t, appeal.CloseTime, newest(events[*types.EventAppealDecided](f)).CloseTime)
	f.requireOutcome(hash, types.OUTCOME_MALICIOUS) // until the window is over

	f.pass(window)
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
	f.requireNoAppeal(hash)
	require.EqualValues(t, bond, f.balance(publisher))
	require.Empty(t, f.earned(), "nobody lost a bond")
	closed := newest(events[*types.EventAppealClosed](f))
	require.True(t, closed.Overturned)
	require.Equal(t, types.OUTCOME_CLEAN, closed.Truth)
	require.Equal(t, "100000000uvmt", closed.Returned)
	require.Equal(t, "0uvmt", closed.Lost)
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Equal(t, []types.Truth{{Sha256: hash, Outcome: types.OUTCOME_CLEAN}}, exported.Truths)
}

func TestAppellantLosesItsBond(t *testing.T) {
	f := newFixture(t, seated(5)...)
	hash := f.judged("trojan", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	donated := f.balance(pool)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	round := f.judge(hash, types.CATEGORY_SUSPICIOUS) // neither: the contested outcome stands
	require.Equal(t, types.OUTCOME_SUSPICIOUS, f.appealOf(hash).Decision)
	f.pass(window)

	f.requireNoAppeal(hash)
	f.requireOutcome(hash, types.OUTCOME_MALICIOUS)
	require.Zero(t, f.balance(publisher))
	require.Equal(t, each(round.Panel, 16_666_666), f.earned(), "half of the bond in three parts")
	require.EqualValues(t, bond-3*16_666_666, f.balance(pool)-donated, "nobody stood against the appeal")
	require.Empty(t, f.payouts.slashed)
	closed := newest(events[*types.EventAppealClosed](f))
	require.False(t, closed.Overturned)
	require.Equal(t, types.OUTCOME_UNSPECIFIED, closed.Truth)
	require.Equal(t, "100000000uvmt", closed.Lost)
}

// TestEscalationToTheThirdLevel: the appeal prevails, a supernode takes it further and
// wins, a third party takes it further and wins. All three panels differ in size.
func TestEscalationToTheThirdLevel(t *testing.T) {
	f := newFixture(t, seated(18)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	rival, third := f.operators[0].addr, account("third party")
	f.fund(publisher, bond)
	f.fund(rival, 2*bond)
	f.fund(third, 4*bond)
	donated := f.balance(pool)

	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	first := f.judge(hash, types.CATEGORY_UNDETECTED)
	require.ErrorIs(t, f.escalate(rival, hash, 2*bond-1), types.ErrInvalidBond)
	require.NoError(t, f.escalate(rival, hash, 2*bond))
	asked := newest(events[*types.EventAppealed](f))
	require.Equal(t, types.OUTCOME_MALICIOUS, asked.Claimed, "an escalation goes against the newest decision")
	require.EqualValues(t, 1, asked.Level)
	second := f.judge(hash, types.CATEGORY_MALICIOUS)
	require.NoError(t, f.escalate(third, hash, 4*bond))
	last := f.judge(hash, types.CATEGORY_UNDETECTED)
	require.Equal(t, []int{3, 7, 15}, []int{len(first.Panel), len(second.Panel), len(last.Panel)})
	require.ErrorIs(t, f.escalate(rival, hash, 8*bond), types.ErrAppealNotOpen)
	f.pass(window)

	f.requireNoAppeal(hash)
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
	// The rival lost 200 VMT. Half goes to the 3 + 15 seats of the two panels that were
	// right, in equal parts; the rest pro rata to the bonds of 100 and 400 VMT.
	const part, rest = 100 * vmt / 18, 2*bond - 18*(100*vmt/18)
	want := each(last.Panel, part)
	for _, address := range first.Panel {
		want[address] += part
	}
	require.Equal(t, want, f.earned())
	require.EqualValues(t, bond+rest/5, f.balance(publisher))
	require.EqualValues(t, 4*bond+rest*4/5, f.balance(third))
	require.Equal(t, donated, f.balance(pool), "nothing was left over")
	require.EqualValues(t, 7*bond, f.balance(publisher)+f.balance(third)+18*part, "what went in came out")
	require.Equal(t, []string{rival.String() + " FAULT_LOST_APPEAL"}, f.payouts.slashed)
}

func TestWhoIsNoSupernodeIsNotSlashed(t *testing.T) {
	f := newFixture(t, seated(4)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	f.fund(defender, 2*bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	f.judge(hash, types.CATEGORY_UNDETECTED)
	require.NoError(t, f.escalate(defender, hash, 2*bond))
	require.Len(t, f.judge(hash, types.CATEGORY_UNDETECTED).Panel, 4, "all sit when there are not more")
	f.pass(window)
	f.requireNoAppeal(hash)
	require.Empty(t, f.payouts.slashed)
	require.Zero(t, f.balance(defender))
	require.EqualValues(t, 3*bond, f.balance(publisher)+sum(f.earned()))
}

func sum(amounts map[string]int64) (total int64) {
	for _, amount := range amounts {
		total += amount
	}
	return total
}

func TestUndecidedAppealReturnsItsBonds(t *testing.T) {
	for name, answer := range map[string]types.Category{
		"nobody answers":     types.CATEGORY_UNSPECIFIED,
		"nobody knows":       types.CATEGORY_TIMEOUT,
		"it does not open":   types.CATEGORY_UNDECRYPTABLE,
		"no engine takes it": types.CATEGORY_TYPE_UNSUPPORTED,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, seated(5)...)
			hash := f.judged("installer", types.CATEGORY_MALICIOUS)
			f.fund(publisher, bond)
			require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
			panels := make(map[string]bool)
			for range types.MaxAppealDraws {
				round := f.drawPanel(hash)
				panels[round.Panel[0]+round.Panel[1]+round.Panel[2]] = true
				if answer != types.CATEGORY_UNSPECIFIED {
					f.hear(round, answer)
				}
				for f.round(round.Number).FinalHeight == 0 {
					f.endBlock()
				}
				require.Equal(t, types.APPEAL_STATUS_DRAW, f.appealOf(hash).Status)
			}
			require.Greater(t, len(panels), 1, "each draw is a new one")
			require.NoError(t, f.supernode.Stir(f.ctx, f.ctx.BlockHeight(), []byte("salts")))
			f.endBlock()
			f.requireNoAppeal(hash)
			f.requireOutcome(hash, types.OUTCOME_MALICIOUS)
			require.EqualValues(t, bond, f.balance(publisher))
			require.Empty(t, f.earned())
			require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond), "it can be tried again")
		})
	}
}

// TestRefusedPaymentIsTriedAgain: a bank that refuses costs a window, and no money.
func TestRefusedPaymentIsTriedAgain(t *testing.T) {
	f := newFixture(t, seated(3)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	f.judge(hash, types.CATEGORY_UNDETECTED)
	refuse := true
	f.bank.AppendSendRestriction(func(_ context.Context, _, to sdk.AccAddress, _ sdk.Coins) (sdk.AccAddress, error) {
		if refuse && to.Equals(publisher) {
			return nil, errors.New("refused")
		}
		return to, nil
	})
	f.pass(window)
	failed := newest(events[*types.EventItemFailed](f))
	require.Equal(t, "appeal_closings", failed.Queue)
	require.Contains(t, failed.Error, "refused")
	require.EqualValues(t, bond, f.balance(types.AppealAddress(hash)))
	f.requireOutcome(hash, types.OUTCOME_MALICIOUS)

	refuse = false
	f.pass(window)
	f.requireNoAppeal(hash)
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
	require.EqualValues(t, bond, f.balance(publisher))
}

func TestPartOfAPanelistThatHasLeftGoesToTheWinners(t *testing.T) {
	f := newFixture(t, seated(3)...)
	hash := f.judged("trojan", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	f.fund(defender, 2*bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	f.judge(hash, types.CATEGORY_UNDETECTED)
	require.NoError(t, f.escalate(defender, hash, 2*bond))
	f.judge(hash, types.CATEGORY_MALICIOUS)
	f.payouts.left = f.operators[1].addr
	f.pass(window)

	f.requireNoAppeal(hash)
	const part = bond / 2 / 3 // the first panel was wrong and gets nothing
	require.Equal(t, map[string]int64{f.operators[0].addr.String(): part, f.operators[2].addr.String(): part}, f.earned())
	require.EqualValues(t, 2*bond+bond-2*part, f.balance(defender))
	require.Equal(t, "appeal_rewards", newest(events[*types.EventItemFailed](f)).Queue)
}

// TestBothBondsForTheAppeal: who takes a lost appeal further and wins loses nobody's
// bond, and coins that somebody sent to the account go to the community pool.
func TestBothBondsForTheAppeal(t *testing.T) {
	f := newFixture(t, seated(3)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	f.fund(defender, 2*bond)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	f.judge(hash, types.CATEGORY_MALICIOUS)
	require.NoError(t, f.escalate(defender, hash, 2*bond))
	f.judge(hash, types.CATEGORY_UNDETECTED)
	f.fund(types.AppealAddress(hash), 7)
	donated := f.balance(pool)
	f.pass(window)

	f.requireNoAppeal(hash)
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
	require.Empty(t, f.earned())
	require.EqualValues(t, bond, f.balance(publisher))
	require.EqualValues(t, 2*bond, f.balance(defender))
	require.EqualValues(t, 7, f.balance(pool)-donated)
}
