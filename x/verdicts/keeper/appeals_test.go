package keeper_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

func TestAppealRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(f *fixture, msg *types.MsgAppeal)
		want   error
	}{
		"appellant":         {func(_ *fixture, m *types.MsgAppeal) { m.Appellant = "x" }, types.ErrInvalidAddress},
		"hash":              {func(_ *fixture, m *types.MsgAppeal) { m.Sha256 = m.Sha256[1:] }, types.ErrInvalidAppeal},
		"claims nothing":    {func(_ *fixture, m *types.MsgAppeal) { m.Claimed = types.OUTCOME_UNSPECIFIED }, types.ErrInvalidAppeal},
		"claims suspicious": {func(_ *fixture, m *types.MsgAppeal) { m.Claimed = types.OUTCOME_SUSPICIOUS }, types.ErrInvalidAppeal},
		"claims the same":   {func(_ *fixture, m *types.MsgAppeal) { m.Claimed = types.OUTCOME_MALICIOUS }, types.ErrInvalidAppeal},
		"evidence too long": {func(_ *fixture, m *types.MsgAppeal) { m.Evidence = strings.Repeat("a", 513) }, types.ErrInvalidAppeal},
		"evidence hides":    {func(_ *fixture, m *types.MsgAppeal) { m.Evidence = "exe\u202egpj" }, types.ErrInvalidAppeal},
		"bond too small":    {func(_ *fixture, m *types.MsgAppeal) { m.Bond.Amount = m.Bond.Amount.SubRaw(1) }, types.ErrInvalidBond},
		"bond of nothing":   {func(_ *fixture, m *types.MsgAppeal) { m.Bond = sdk.Coin{} }, types.ErrInvalidBond},
		"bond in others":    {func(_ *fixture, m *types.MsgAppeal) { m.Bond.Denom = "uatom" }, types.ErrInvalidBond},
		"bond not owned":    {func(_ *fixture, m *types.MsgAppeal) { m.Bond.Amount = m.Bond.Amount.AddRaw(1) }, sdkerrors.ErrInsufficientFunds},
		"unknown sample":    {func(_ *fixture, m *types.MsgAppeal) { m.Sha256 = make([]byte, 32) }, types.ErrNotContestable},
		"blocked sample":    {func(f *fixture, m *types.MsgAppeal) { f.block(m.Sha256) }, types.ErrNotContestable},
		"not judged yet":    {func(f *fixture, m *types.MsgAppeal) { m.Sha256 = f.addSamples("queued", 1)[0] }, types.ErrNotContestable},
		"undetermined":      {func(f *fixture, m *types.MsgAppeal) { m.Sha256 = f.judged("odd", types.CATEGORY_TIMEOUT) }, types.ErrNotContestable},
		"invalid":           {func(f *fixture, m *types.MsgAppeal) { m.Sha256 = f.judged("junk", types.CATEGORY_UNDECRYPTABLE) }, types.ErrNotContestable},
		"under appeal": {func(f *fixture, m *types.MsgAppeal) {
			f.fund(defender, bond)
			require.NoError(f.t, f.appeal(defender, m.Sha256, types.OUTCOME_CLEAN, bond))
		}, types.ErrAppealExists},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, seated(3)...)
			msg := &types.MsgAppeal{
				Appellant: publisher.String(), Sha256: f.judged("installer", types.CATEGORY_MALICIOUS),
				Claimed: types.OUTCOME_CLEAN, Bond: sdk.NewInt64Coin(denom, bond),
			}
			f.fund(publisher, bond)
			test.change(f, msg)
			err := f.tx(func(ctx context.Context) error {
				_, err := f.msgs.Appeal(ctx, msg)
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.EqualValues(t, bond, f.balance(publisher))
		})
	}
}

func TestEscalationRefusals(t *testing.T) {
	f := newFixture(t, seated(3)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, bond)
	f.fund(defender, 2*bond)
	require.ErrorIs(t, f.escalate(nil, hash, 2*bond), types.ErrInvalidAddress)
	require.ErrorIs(t, f.escalate(defender, hash[1:], 2*bond), types.ErrInvalidAppeal)
	require.ErrorIs(t, f.escalate(defender, hash, 2*bond), types.ErrAppealNotFound)
	require.NoError(t, f.appeal(publisher, hash, types.OUTCOME_CLEAN, bond))
	require.ErrorIs(t, f.escalate(defender, hash, 2*bond), types.ErrAppealNotOpen, "no panel yet")
	round := f.drawPanel(hash)
	require.ErrorIs(t, f.escalate(defender, hash, 2*bond), types.ErrAppealNotOpen, "not decided")
	f.hear(round, types.CATEGORY_UNDETECTED)
	require.ErrorIs(t, f.escalate(defender, hash, 2*bond-1), types.ErrInvalidBond)
	f.setParams(func(p *types.Params) { p.MaxAppealLevels = 1 })
	require.ErrorIs(t, f.escalate(defender, hash, 2*bond), types.ErrAppealNotOpen, "no more levels")
	f.setParams(func(p *types.Params) { p.MaxAppealLevels = 2 })
	late := f.ctx.WithBlockTime(f.ctx.BlockTime().Add(window * 1e9))
	_, err := f.msgs.EscalateAppeal(late, &types.MsgEscalateAppeal{Party: defender.String(), Sha256: hash, Bond: sdk.NewInt64Coin(denom, 2*bond)})
	require.ErrorIs(t, err, types.ErrAppealNotOpen, "the window is over")
	require.NoError(t, f.escalate(defender, hash, 2*bond))
}

// TestTruthFollowsTheNewestAppeal: a won appeal replaces the truth, and a claim that
// loses later is the truth no longer.
func TestTruthFollowsTheNewestAppeal(t *testing.T) {
	f := newFixture(t, seated(3)...)
	hash := f.judged("installer", types.CATEGORY_MALICIOUS)
	f.fund(publisher, 10*bond)
	appeal := func(claimed types.Outcome, decision types.Category) {
		require.NoError(t, f.appeal(publisher, hash, claimed, bond))
		f.judge(hash, decision)
		f.pass(window)
		f.requireNoAppeal(hash)
	}
	truth := func() types.Outcome {
		exported, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		if len(exported.Truths) == 0 {
			return types.OUTCOME_UNSPECIFIED
		}
		return exported.Truths[0].Outcome
	}
	appeal(types.OUTCOME_CLEAN, types.CATEGORY_UNDETECTED)
	require.Equal(t, types.OUTCOME_CLEAN, truth())
	appeal(types.OUTCOME_MALICIOUS, types.CATEGORY_UNDETECTED)
	require.Equal(t, types.OUTCOME_CLEAN, truth(), "a lost appeal leaves it")
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
	appeal(types.OUTCOME_MALICIOUS, types.CATEGORY_MALICIOUS)
	require.Equal(t, types.OUTCOME_MALICIOUS, truth())
	f.requireOutcome(hash, types.OUTCOME_MALICIOUS)

	// Ordinary rounds find it clean since, and who holds on to the old truth loses.
	_, err := f.submit.RequestRescan(f.ctx, &samplestypes.MsgRequestRescan{Requester: contributor.String(), Sha256: hash})
	require.NoError(t, err)
	f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_UNDETECTED))
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
	appeal(types.OUTCOME_MALICIOUS, types.CATEGORY_UNDETECTED)
	require.Equal(t, types.OUTCOME_UNSPECIFIED, truth())
	f.requireOutcome(hash, types.OUTCOME_CLEAN)
}
