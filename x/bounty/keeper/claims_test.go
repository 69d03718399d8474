package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// expectsFree tells whether a claim passes the fee lane.
func (f *treasuryFixture) expectsFree(contributor sdk.AccAddress) bool {
	return f.keeper.ExpectsFree(f.ctx, &types.MsgClaimRewards{Contributor: contributor.String()})
}

func TestNothingToClaim(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	contributor := holder("contributor")
	refused := func(why string) {
		t.Helper()
		_, _, err := f.claim(contributor)
		require.ErrorIs(t, err, types.ErrNothingToClaim, why)
		require.False(t, f.expectsFree(contributor), why)
	}
	refused("no points")
	f.nextEpoch(5)
	f.earn(contributor, onePoint)
	refused("the epoch is running")
	f.nextEpoch(5)
	require.True(t, f.expectsFree(contributor))
	amount, _, err := f.claim(contributor)
	require.NoError(t, err)
	require.EqualValues(t, 25_000, amount)
	require.Equal(t, []*types.EventClaimed{{Contributor: contributor.String(), Epochs: 1, Amount: "25000"}}, typed[*types.EventClaimed](f))
	refused("claimed already")
	require.EqualValues(t, 25_000, f.balance(contributor))

	for _, bad := range []string{"", "vmt1nobody"} {
		_, err := f.msgs.ClaimRewards(f.ctx, &types.MsgClaimRewards{Contributor: bad})
		require.ErrorIs(t, err, types.ErrInvalidAddress)
		require.False(t, f.keeper.ExpectsFree(f.ctx, &types.MsgClaimRewards{Contributor: bad}))
	}
	require.False(t, f.keeper.ExpectsFree(f.ctx, &types.MsgPostBounty{Funder: contributor.String()}))
	f.endBlock(5)
}

// With two epochs a claim, five epochs take three claims, the oldest first. Epochs that
// pay nothing do not count.
func TestClaimsAreBounded(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.setParams(func(p *types.Params) { p.MaxEpochsPerClaim = 2 })
	contributor := holder("contributor")
	for epoch := range uint64(7) {
		if epoch > 0 {
			f.nextEpoch(5)
		}
		switch epoch {
		case 0: // 1 of 10,000,000 points of 250,000 uvmt is none
			f.earn(contributor, 1)
			f.earn(holder("other"), 10*onePoint)
		case 3:
		default:
			f.earn(contributor, epoch*onePoint)
		}
	}
	require.Zero(t, f.rewards(0).Reward(1).Int64())
	f.nextEpoch(5)
	for _, want := range []struct{ samples, epochs int64 }{{1 + 2, 2}, {4 + 5, 2}, {6, 1}} {
		amount, epochs, err := f.claim(contributor)
		require.NoError(t, err)
		require.Equal(t, want.samples*25_000, amount)
		require.EqualValues(t, want.epochs, epochs)
	}
	_, _, err := f.claim(contributor)
	require.ErrorIs(t, err, types.ErrNothingToClaim)
	f.endBlock(5)
}

// A claim writes the contributor's own records and no others: whoever claims first in a
// block, both get the same.
func TestClaimsDoNotMeet(t *testing.T) {
	for _, order := range [][]string{{"first", "second"}, {"second", "first"}} {
		f := newTreasury(t, smallSchedule())
		f.nextEpoch(5)
		f.earn(holder("first"), 9*onePoint)
		f.earn(holder("second"), 2*onePoint)
		f.nextEpoch(5)
		for _, role := range order {
			_, _, err := f.claim(holder(role))
			require.NoError(t, err)
		}
		require.EqualValues(t, 204_545, f.balance(holder("first"))) // 250,000 · 9/11
		require.EqualValues(t, 45_454, f.balance(holder("second")))
		require.EqualValues(t, 1, f.balance(types.EpochAddress(1)), "rounding")
		f.endBlock(5)
	}
}

// What nobody claimed by the close time returns to the treasury, with what rounding left,
// and counts for good from then on.
func TestUnclaimedRewardsReturn(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.setParams(func(p *types.Params) { p.ClaimWindowSeconds = 600 })
	f.nextEpoch(5)
	f.earn(holder("claims"), 9*onePoint)
	f.earn(holder("forgets"), 2*onePoint)
	f.nextEpoch(600)
	_, _, err := f.claim(holder("claims"))
	require.NoError(t, err)

	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Equal(t, []*types.EventEpochClosed{{Epoch: 0, Returned: "0"}, {Epoch: 1, Returned: "45455"}}, typed[*types.EventEpochClosed](f))
	f.endBlock(5)
	rewards := f.rewards(1)
	require.Equal(t, types.EPOCH_STATUS_CLOSED, rewards.Status)
	require.EqualValues(t, 204_545, rewards.Claimed.Int64())
	require.Equal(t, smallSchedule().Treasury.Int64()-204_545, f.left())
	_, _, err = f.claim(holder("forgets"))
	require.ErrorIs(t, err, types.ErrNothingToClaim)
	standing, err := f.keeper.Standings.Get(f.ctx, holder("forgets"))
	require.NoError(t, err)
	require.EqualValues(t, 2*onePoint, standing)
	ledger, err := f.keeper.Ledger.Get(f.ctx)
	require.NoError(t, err)
	require.Equal(t, types.Ledger{Contributors: rewards.Claimed, Engines: math.ZeroInt(), Storage: math.ZeroInt()}, ledger)
}

// The points of closed epochs are pruned, so many a block and no more.
func TestPruningIsBounded(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.setParams(func(p *types.Params) { p.ClaimWindowSeconds, p.MaxPrunesPerBlock = 600, 3 })
	f.nextEpoch(5)
	for epoch, contributors := range []int{4, 2, 3} {
		for i := range contributors {
			f.earn(holder(string(rune('a'+i))), onePoint)
		}
		f.nextEpoch(int64([]int{5, 5, 610}[epoch]))
	}
	f.earn(holder("a"), onePoint)
	for _, left := range []int{4 + 2 + 3 + 1 - 3, 4, 1, 1} {
		f.endBlock(5)
		points, err := f.keeper.Points.Iterate(f.ctx, nil)
		require.NoError(t, err)
		keys, err := points.Keys()
		require.NoError(t, err)
		require.Len(t, keys, left)
	}
	closed, err := f.keeper.ClosedEpochs.Iterate(f.ctx, nil)
	require.NoError(t, err)
	require.False(t, closed.Valid())
	require.NoError(t, closed.Close())
}

// An epoch that still pays operators when its time is over closes when it has.
func TestClosingWaitsForPayouts(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.setParams(func(p *types.Params) { p.ClaimWindowSeconds, p.MaxPayoutsPerBlock = 600, 1 })
	operators := f.register(3)
	f.nextEpoch(5)
	for _, operator := range operators {
		require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operator, 5*onePoint))
	}
	f.nextEpoch(700)
	f.endBlock(5)
	require.Equal(t, types.EPOCH_STATUS_PAYING, f.rewards(1).Status)
	f.endBlock(5)
	require.Equal(t, types.EPOCH_STATUS_CLOSED, f.rewards(1).Status)
	for _, operator := range operators {
		require.EqualValues(t, 58_333, f.earned(operator))
	}
}

// Coins that somebody sends to the account of an epoch change nobody's reward: what
// exceeds the rewards stays there.
func TestGiftsToAnEpoch(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.setParams(func(p *types.Params) { p.ClaimWindowSeconds = 600 })
	f.nextEpoch(5)
	f.earn(holder("contributor"), onePoint)
	f.nextEpoch(5)
	f.mint(types.EpochAddress(1), 7)
	f.endBlock(600)
	f.endBlock(5)
	require.True(t, f.rewards(1).Claimed.IsZero())
	require.EqualValues(t, 7, f.balance(types.EpochAddress(1)))
	require.Equal(t, smallSchedule().Treasury.Int64(), f.left())
}
