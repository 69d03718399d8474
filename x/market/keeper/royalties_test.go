package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/market/types"
)

// royalties is what a contributor can claim as the query shows it.
func (f *planFixture) royalties(contributor string) (amount int64, epochs []uint64) {
	f.t.Helper()
	response, err := f.queries.Royalties(f.ctx, &types.QueryRoyaltiesRequest{Contributor: contributor})
	require.NoError(f.t, err)
	return response.Claimable.Int64(), response.Epochs
}

// A pool of 40,000,000 belongs to two contributors with 5 and 2 of 7 points. What does not
// divide stays in it.
func TestRoyaltiesByPoints(t *testing.T) {
	f := newPlanFixture(t)
	f.earn(planFinder, 5)
	f.earn(planHunter, 2)
	require.NoError(t, f.subscribe(planBuyer, basic, 1))
	f.endBlock(time.Second)
	_, _, err := f.claim(planFinder)
	require.ErrorIs(t, err, types.ErrNothingToClaim, "the epoch is running")
	amount, _ := f.royalties(planFinder.String())
	require.Zero(t, amount)

	f.nextEpoch()
	amount, epochs := f.royalties(planFinder.String())
	require.EqualValues(t, 28_571_428, amount)
	require.Equal(t, []uint64{1}, epochs)
	claimed, count, err := f.claim(planFinder)
	require.NoError(t, err)
	require.EqualValues(t, 28_571_428, claimed)
	require.EqualValues(t, 1, count)
	require.Equal(t, []*types.EventRoyaltiesClaimed{{Contributor: planFinder.String(), Epoch: 1, Amount: "28571428"}},
		planEvents[*types.EventRoyaltiesClaimed](f))
	_, _, err = f.claim(planFinder)
	require.ErrorIs(t, err, types.ErrNothingToClaim, "a second time")
	_, _, err = f.claim(planBuyer)
	require.ErrorIs(t, err, types.ErrNothingToClaim, "without points")
	_, err = f.msgs.ClaimRoyalties(f.ctx, &types.MsgClaimRoyalties{Contributor: "nobody"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
	f.endBlock(time.Second)

	claimed, _, err = f.claim(planHunter)
	require.NoError(t, err)
	require.EqualValues(t, 11_428_571, claimed)
	require.EqualValues(t, 28_571_428, f.balance(planFinder))
	require.EqualValues(t, 11_428_571, f.balance(planHunter))
	_, held := f.pool(1)
	require.EqualValues(t, 1, held)
	f.endBlock(time.Second)
}

// Points of one epoch give nothing of another, and a gift to a pool is nobody's claim.
func TestRoyaltiesAreOfTheirEpoch(t *testing.T) {
	f := newPlanFixture(t)
	f.earn(planFinder, 1)
	f.pay(1_000)
	f.nextEpoch()
	f.earn(planHunter, 1)
	f.pay(10_000)
	f.fund(types.PoolAddress(2), 77)
	f.nextEpoch()
	finder, _, err := f.claim(planFinder)
	require.NoError(t, err)
	require.EqualValues(t, 400, finder)
	hunter, _, err := f.claim(planHunter)
	require.NoError(t, err)
	require.EqualValues(t, 4_000, hunter)
}

// With two epochs a claim, five epochs take three claims, the oldest first. A pool that pays
// nothing for so few points does not count.
func TestRoyaltyClaimsAreBounded(t *testing.T) {
	f := newPlanFixture(t)
	f.setParams(func(params *types.Params) { params.MaxEpochsPerClaim = 2 })
	f.earn(planFinder, 1)
	f.earn(planHunter, 1_000_000)
	f.pay(1_000) // 400 · 1 / 1,000,001 is none
	for range 5 {
		f.nextEpoch()
		f.earn(planFinder, 3)
		f.pay(1_000 * f.epoch)
	}
	f.nextEpoch()
	for _, want := range []struct {
		amount int64
		epochs uint32
	}{{400 * (2 + 3), 2}, {400 * (4 + 5), 2}, {400 * 6, 1}} {
		shown, epochs := f.royalties(planFinder.String())
		require.Equal(t, want.amount, shown)
		require.Len(t, epochs, int(want.epochs))
		amount, count, err := f.claim(planFinder)
		require.NoError(t, err)
		require.Equal(t, want.amount, amount)
		require.Equal(t, want.epochs, count)
	}
	_, _, err := f.claim(planFinder)
	require.ErrorIs(t, err, types.ErrNothingToClaim)
	f.endBlock(time.Second)
}
