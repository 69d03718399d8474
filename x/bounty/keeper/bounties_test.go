package keeper_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const someMD5 = "44d88612fea8a8f36de82e1278abb02f"

func TestPostingMovesTheMoneyAndBurnsTheFee(t *testing.T) {
	f := newBountyFixture(t)
	before, supply := f.balance(analyst), f.supply()
	id := f.mustPost(types.BOUNTY_KIND_FAMILY, "emotet", 50*vmt, 1)

	require.Equal(t, types.BountyID(types.BOUNTY_KIND_FAMILY, "emotet", analyst), id)
	require.Equal(t, before-51*vmt, f.balance(analyst))
	require.Equal(t, supply-vmt, f.supply())
	require.Equal(t, 50*vmt, f.escrow(id))
	now := f.ctx.BlockTime().Unix()
	response, err := f.queries.Bounty(f.ctx, &types.QueryBountyRequest{Id: hex.EncodeToString(id)})
	require.NoError(t, err)
	require.Equal(t, types.Bounty{
		Id: id, Kind: types.BOUNTY_KIND_FAMILY, Target: "emotet", Funder: analyst.String(), Amount: math.NewInt(50 * vmt), Stage: 1,
		PostedHeight: 1, PostedTime: now, ExpiryTime: now + int64(runsFor/time.Second),
	}, response.Bounty)
	require.Equal(t, []types.Stake{{Bounty: id, Funder: analyst.String(), Amount: math.NewInt(50 * vmt)}}, response.Stakes)
	require.Equal(t, []*types.EventBountyPosted{{
		Bounty: id, Kind: types.BOUNTY_KIND_FAMILY, Target: "emotet", Funder: analyst.String(),
		Amount: "50000000", ExpiryTime: now + int64(runsFor/time.Second),
	}}, bountyEvents[*types.EventBountyPosted](f))
}

func TestPostingIsRefused(t *testing.T) {
	f := newBountyFixture(t)
	known, blocked, invalid := f.submit(finder, "known"), f.submit(finder, "blocked"), f.submit(finder, "invalid")
	f.block(blocked)
	f.conclude(false, invalid)
	f.mustPost(types.BOUNTY_KIND_FAMILY, "emotet", 10*vmt, 0)
	for name, refused := range map[string]struct {
		change func(*types.MsgPostBounty)
		want   error
		says   string
	}{
		"nobody":           {func(m *types.MsgPostBounty) { m.Funder = "" }, types.ErrInvalidAddress, "funder"},
		"upper case":       {func(m *types.MsgPostBounty) { m.Target = "44D88612FEA8A8F36DE82E1278ABB02F" }, types.ErrInvalidBounty, "lower case"},
		"too short":        {func(m *types.MsgPostBounty) { m.DurationSeconds = 1 }, types.ErrInvalidBounty, "duration_seconds"},
		"too little":       {func(m *types.MsgPostBounty) { m.Amount = uvmt(10*vmt - 1) }, types.ErrInvalidAmount, "amount"},
		"posted already":   {func(m *types.MsgPostBounty) { m.Kind, m.Target = types.BOUNTY_KIND_FAMILY, "emotet" }, types.ErrBountyExists, "add to it"},
		"known content":    {func(m *types.MsgPostBounty) { m.Target = hex.EncodeToString(known) }, types.ErrInvalidBounty, "known already"},
		"blocked content":  {func(m *types.MsgPostBounty) { m.Target = hex.EncodeToString(blocked) }, types.ErrInvalidBounty, "known already"},
		"unknown sample":   {func(m *types.MsgPostBounty) { m.Kind, m.Target = types.BOUNTY_KIND_SAMPLE, someMD5+someMD5 }, samplestypes.ErrNotFound, someMD5},
		"blocked sample":   {func(m *types.MsgPostBounty) { m.Kind, m.Target = types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(blocked) }, types.ErrInvalidBounty, "STATUS_BLOCKED"},
		"invalid sample":   {func(m *types.MsgPostBounty) { m.Kind, m.Target = types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(invalid) }, types.ErrInvalidBounty, "STATUS_INVALID"},
		"more than it has": {func(m *types.MsgPostBounty) { m.Amount = uvmt(1_000_000 * vmt) }, sdkerrors.ErrInsufficientFunds, ""},
	} {
		t.Run(name, func(t *testing.T) {
			balance, supply := f.balance(analyst), f.supply()
			msg := types.MsgPostBounty{
				Funder: analyst.String(), Kind: types.BOUNTY_KIND_HASH, Target: someMD5, Amount: uvmt(10 * vmt), DurationSeconds: 24 * 60 * 60,
			}
			refused.change(&msg)
			_, err := f.post(msg)
			require.ErrorIs(t, err, refused.want)
			require.ErrorContains(t, err, refused.says)
			require.Equal(t, balance, f.balance(analyst))
			require.Equal(t, supply, f.supply())
		})
	}
	// Junk under a hash keeps nobody from wanting its content.
	f.mustPost(types.BOUNTY_KIND_HASH, hex.EncodeToString(invalid), 10*vmt, 0)
}

func TestWantedBountiesAreBounded(t *testing.T) {
	f := newBountyFixture(t)
	f.setParams(func(p *types.Params) { p.MaxWanted = 2 })
	f.mustPost(types.BOUNTY_KIND_FAMILY, "first", 10*vmt, 0)
	f.mustPost(types.BOUNTY_KIND_HASH, someMD5, 10*vmt, 0)
	_, err := f.post(types.MsgPostBounty{
		Funder: sponsor.String(), Kind: types.BOUNTY_KIND_FAMILY, Target: "third", Amount: uvmt(10 * vmt), DurationSeconds: 24 * 60 * 60,
	})
	require.ErrorIs(t, err, types.ErrTooMany)
	require.ErrorContains(t, err, "max_wanted is 2")
	f.mustPost(types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(f.submit(finder, "any")), 10*vmt, 0)

	f.endBlock(1, runsFor)
	f.endBlock(1, 0)
	f.mustPost(types.BOUNTY_KIND_FAMILY, "third", 10*vmt, 0)
}

func TestTopUps(t *testing.T) {
	f := newBountyFixture(t)
	f.setParams(func(p *types.Params) { p.MaxFunders = 2 })
	id := f.mustPost(types.BOUNTY_KIND_FAMILY, "emotet", 10*vmt, 0)
	before := f.balance(sponsor)
	require.NoError(t, f.topUp(sponsor, id, 20*vmt))
	require.NoError(t, f.topUp(sponsor, id, 30*vmt))
	require.NoError(t, f.topUp(analyst, id, 40*vmt))
	require.Equal(t, before-50*vmt, f.balance(sponsor), "there is no fee on top")
	require.Equal(t, 100*vmt, f.escrow(id))
	require.Equal(t, &types.EventBountyToppedUp{Bounty: id, Funder: sponsor.String(), Amount: "20000000"},
		bountyEvents[*types.EventBountyToppedUp](f)[0])

	for name, refused := range map[string]struct {
		funder sdk.AccAddress
		id     []byte
		amount int64
		want   error
	}{
		"unknown bounty":   {sponsor, make([]byte, 32), 10 * vmt, types.ErrBountyNotFound},
		"short id":         {sponsor, id[1:], 10 * vmt, types.ErrInvalidBounty},
		"too little":       {sponsor, id, 10*vmt - 1, types.ErrInvalidAmount},
		"too many funders": {rival, id, 10 * vmt, types.ErrTooMany},
		"more than it has": {sponsor, id, 2_000_000 * vmt, sdkerrors.ErrInsufficientFunds},
		"nobody":           {nil, id, 10 * vmt, types.ErrInvalidAddress},
	} {
		require.ErrorIs(t, f.topUp(refused.funder, refused.id, refused.amount), refused.want, name)
	}
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(runsFor))
	require.ErrorIs(t, f.topUp(sponsor, id, 10*vmt), types.ErrBountyNotFound, "its time is over")
	require.Equal(t, 100*vmt, f.escrow(id))
}

func TestRefundsReturnToEachFunderItsStake(t *testing.T) {
	f := newBountyFixture(t)
	supply := f.supply()
	balances := map[string]int64{}
	funders := []sdk.AccAddress{analyst, sponsor, finder, rival}
	for _, funder := range funders {
		balances[funder.String()] = f.balance(funder)
	}
	id := f.mustPost(types.BOUNTY_KIND_FAMILY, "emotet", 10*vmt+1, 0)
	for i, funder := range funders[1:] {
		require.NoError(t, f.topUp(funder, id, 11*vmt+int64(i)))
	}
	require.NoError(t, f.bank.SendCoins(f.ctx, rival, types.EscrowAddress(id), sdk.NewCoins(uvmt(7)))) // a gift
	f.endBlock(1, runsFor-time.Second)
	require.True(t, f.runs(id))
	f.endBlock(1, time.Second)
	require.True(t, f.runs(id), "a second is left")
	f.freshEvents()
	f.endBlock(1, 0)
	require.False(t, f.runs(id))

	require.Equal(t, balances[analyst.String()]-vmt+7, f.balance(analyst), "who posted it gets what else there is")
	require.Equal(t, balances[sponsor.String()], f.balance(sponsor))
	require.Equal(t, balances[finder.String()], f.balance(finder))
	require.Equal(t, balances[rival.String()]-7, f.balance(rival))
	require.Equal(t, supply-vmt, f.supply(), "the fee does not return")
	require.Equal(t, []*types.EventBountyRefunded{{Bounty: id, Amount: fmt.Sprint(43*vmt + 1 + 3 + 7)}}, bountyEvents[*types.EventBountyRefunded](f))
	require.Empty(t, bountyEvents[*types.EventBountyPaid](f))
	stored, err := f.keeper.Stakes.Has(f.ctx, collections.Join(id, analyst))
	require.NoError(t, err)
	require.False(t, stored)

	// The same can be posted again, and ends again.
	require.Equal(t, id, f.mustPost(types.BOUNTY_KIND_FAMILY, "emotet", 10*vmt, 0))
}

func TestFewBountiesEndInABlock(t *testing.T) {
	f := newBountyFixture(t)
	f.setParams(func(p *types.Params) { p.MaxBountiesPerBlock = 2 })
	var ids [][]byte
	for i := range 5 {
		ids = append(ids, f.mustPost(types.BOUNTY_KIND_FAMILY, fmt.Sprint("family-", i), 10*vmt, 0))
	}
	running := func() (n int) {
		for _, id := range ids {
			if f.runs(id) {
				n++
			}
		}
		return n
	}
	f.endBlock(1, runsFor)
	for _, want := range []int{3, 1, 0} {
		f.endBlock(1, time.Second)
		require.Equal(t, want, running())
	}
}

// An escrow that lost its money is a fault of the chain; the bounty must not be lost with it.
func TestABountyThatCannotEndIsPutOff(t *testing.T) {
	f := newBountyFixture(t)
	broken, sound := f.mustPost(types.BOUNTY_KIND_FAMILY, "broken", 10*vmt, 0), f.mustPost(types.BOUNTY_KIND_FAMILY, "sound", 10*vmt, 0)
	stolen := sdk.NewCoins(uvmt(vmt))
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(runsFor))
	require.NoError(t, f.bank.SendCoins(f.ctx, types.EscrowAddress(broken), rival, stolen))
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.True(t, f.runs(broken))
	require.False(t, f.runs(sound))
	require.Equal(t, 9*vmt, f.escrow(broken))
	failed := bountyEvents[*types.EventItemFailed](f)
	require.Len(t, failed, 1)
	require.Equal(t, "bounty_expiry", failed[0].Queue)
	require.Equal(t, hex.EncodeToString(broken), failed[0].Item)

	require.NoError(t, f.bank.SendCoins(f.ctx, rival, types.EscrowAddress(broken), stolen))
	f.endBlock(1, time.Hour-time.Second)
	f.endBlock(1, time.Second)
	require.True(t, f.runs(broken))
	f.endBlock(1, 0)
	require.False(t, f.runs(broken))
}

func TestABountyOnASampleBringsItForward(t *testing.T) {
	pendingAt := func(f *bountyFixture, kind verdictstypes.RoundKind, height int64, hash []byte) bool {
		waits, err := f.verdicts.Pending.Has(f.ctx, collections.Join3(uint32(kind), height, hash))
		require.NoError(t, err)
		return waits
	}
	f := newBountyFixture(t)
	queued, final, scanning := f.submit(finder, "queued"), f.submit(finder, "final"), f.submit(finder, "scanning")
	f.conclude(true, final)
	require.NoError(t, f.samples.BeginScan(f.ctx, scanning, 2))
	f.endBlock(5, time.Second)
	fees := f.balance(analyst)
	for _, hash := range [][]byte{queued, final, scanning} {
		f.mustPost(types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(hash), 10*vmt, 0)
	}
	require.Equal(t, fees-3*11*vmt, f.balance(analyst), "the rescan costs nothing more")
	require.True(t, pendingAt(f, verdictstypes.ROUND_KIND_INITIAL, 0, queued))
	require.False(t, pendingAt(f, verdictstypes.ROUND_KIND_INITIAL, 1, queued))
	require.True(t, pendingAt(f, verdictstypes.ROUND_KIND_RESCAN, 0, final))
	require.False(t, pendingAt(f, verdictstypes.ROUND_KIND_RESCAN, 6, final))
	sample, err := f.samples.Get(f.ctx, final)
	require.NoError(t, err)
	require.Equal(t, samplestypes.STATUS_QUEUED, sample.Status)
	sample, err = f.samples.Get(f.ctx, scanning)
	require.NoError(t, err)
	require.Equal(t, samplestypes.STATUS_SCANNING, sample.Status, "its round goes on")

	// Others may want to know it too.
	_, err = f.post(types.MsgPostBounty{
		Funder: sponsor.String(), Kind: types.BOUNTY_KIND_SAMPLE, Target: hex.EncodeToString(final), Amount: uvmt(10 * vmt), DurationSeconds: 24 * 60 * 60,
	})
	require.NoError(t, err)
	require.NoError(t, f.tx(func(ctx context.Context) error { return f.verdicts.PendingInvariant(ctx) }))
}
