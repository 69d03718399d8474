package keeper_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	vmt    = 1_000_000
	bond   = 100 * vmt
	window = 100
)

var (
	publisher = account("publisher")
	defender  = account("defender")
	pool      = authtypes.NewModuleAddress(distributiontypes.ModuleName)
)

// payouts is x/supernode with rewards that go straight to the operator's account and
// slashes that are only noted, so that a test sees who got what.
type payouts struct {
	*supernodekeeper.Keeper
	bank    bankkeeper.BaseKeeper
	slashed []string
	left    sdk.AccAddress // an operator that takes no rewards
}

func (p *payouts) AllocateRewards(ctx context.Context, from, operator sdk.AccAddress, amount math.Int) error {
	if operator.Equals(p.left) {
		return supernodetypes.ErrNotFound.Wrap(operator.String())
	}
	return p.bank.SendCoins(ctx, from, operator, sdk.NewCoins(sdk.NewCoin(denom, amount)))
}

func (p *payouts) Slash(_ context.Context, operator sdk.AccAddress, fault supernodetypes.Fault) error {
	p.slashed = append(p.slashed, operator.String()+" "+fault.String())
	return nil
}

// seated is how many supernodes with one engine each a fixture has.
func seated(n int) []int { return slices.Repeat([]int{1}, n) }

// judged submits a sample and lets all supernodes say the same of it.
func (f *fixture) judged(name string, category types.Category) []byte {
	f.t.Helper()
	f.setParams(func(p *types.Params) { p.AppealWindowSeconds = window })
	hash := f.addSamples(name, 1)[0]
	f.run(f.untilOpen(), slices.Repeat([]func(int) types.Answer{allOf(category)}, len(f.operators))...)
	return hash
}

func (f *fixture) appeal(party sdk.AccAddress, hash []byte, claimed types.Outcome, amount int64) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.Appeal(ctx, &types.MsgAppeal{
			Appellant: party.String(), Sha256: hash, Claimed: claimed, Bond: sdk.NewInt64Coin(denom, amount),
			Evidence: "https://publisher.example/statement",
		})
		return err
	})
}

func (f *fixture) escalate(party sdk.AccAddress, hash []byte, amount int64) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.EscalateAppeal(ctx, &types.MsgEscalateAppeal{
			Party: party.String(), Sha256: hash, Bond: sdk.NewInt64Coin(denom, amount),
		})
		return err
	})
}

func (f *fixture) appealOf(hash []byte) types.Appeal {
	f.t.Helper()
	response, err := f.queries.Appeal(f.ctx, &types.QueryAppealRequest{Sha256: fmt.Sprintf("%x", hash)})
	require.NoError(f.t, err)
	return response.Appeal
}

// drawPanel moves the beacon in the next block and returns the round that opens.
func (f *fixture) drawPanel(hash []byte) types.Round {
	f.t.Helper()
	f.endBlock()
	height := f.ctx.BlockHeight()
	require.NoError(f.t, f.supernode.Stir(f.ctx, height, fmt.Append(nil, "salts of ", height)))
	f.endBlock()
	appeal := f.appealOf(hash)
	require.Equal(f.t, types.APPEAL_STATUS_ROUND, appeal.Status)
	return f.round(appeal.NewestRound())
}

// panelist returns the operator of an address on a panel.
func (f *fixture) panelist(address string) operator {
	at := slices.IndexFunc(f.operators, func(o operator) bool { return o.addr.String() == address })
	require.GreaterOrEqual(f.t, at, 0)
	return f.operators[at]
}

// judge draws a panel that agrees, and returns its finished round.
func (f *fixture) judge(hash []byte, category types.Category) types.Round {
	f.t.Helper()
	round := f.drawPanel(hash)
	f.hear(round, category)
	return f.round(round.Number)
}

// hear lets the whole panel of a round say the same.
func (f *fixture) hear(round types.Round, category types.Category) {
	f.t.Helper()
	for _, address := range round.Panel {
		o := f.panelist(address)
		require.NoError(f.t, f.commit(o, round.Number, o.answers(1, allOf(category))))
	}
	f.endBlock()
	for _, address := range round.Panel {
		o := f.panelist(address)
		require.NoError(f.t, f.reveal(o, round.Number, o.answers(1, allOf(category))))
	}
	f.endBlock()
}

// pass ends a block that many seconds later.
func (f *fixture) pass(seconds int) {
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Duration(seconds) * time.Second))
	f.endBlock()
}

func (f *fixture) balance(address sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, address, denom).Amount.Int64()
}

// earned is what the supernodes hold besides their bonds.
func (f *fixture) earned() map[string]int64 {
	earned := make(map[string]int64)
	for _, o := range f.operators {
		if held := f.balance(o.addr); held > 0 {
			earned[o.addr.String()] = held
		}
	}
	return earned
}

// each is the same amount for everybody of a panel.
func each(panel []string, amount int64) map[string]int64 {
	amounts := make(map[string]int64)
	for _, address := range panel {
		amounts[address] = amount
	}
	return amounts
}

func (f *fixture) requireNoAppeal(hash []byte) {
	f.t.Helper()
	_, err := f.queries.Appeal(f.ctx, &types.QueryAppealRequest{Sha256: fmt.Sprintf("%x", hash)})
	require.ErrorContains(f.t, err, types.ErrAppealNotFound.Error())
	require.Zero(f.t, f.balance(types.AppealAddress(hash)), "nothing stays in the account of the appeal")
}

// requireOutcome checks what everybody reads of a sample, whose register entry no appeal changes.
func (f *fixture) requireOutcome(hash []byte, outcome types.Outcome) {
	f.t.Helper()
	report, err := f.report(hash, 0)
	require.NoError(f.t, err)
	require.Equal(f.t, outcome, report.Outcome)
	require.Equal(f.t, samplestypes.STATUS_FINAL, f.sampleStatus(hash))
}

func (f *fixture) block(hash []byte) {
	f.t.Helper()
	_, err := f.submit.BlockSample(f.ctx, &samplestypes.MsgBlockSample{Authority: f.authority, Sha256: hash, Reason: "court order"})
	require.NoError(f.t, err)
}

func newest[E any](all []E) E { return all[len(all)-1] }
