package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// halfDay is how long the epochs of these tests last.
const halfDay = 43_200

// earned is what an operator and its delegators have got.
func (f *treasuryFixture) earned(operator sdk.AccAddress) int64 {
	return f.balance(supernodetypes.RewardsAddress(operator))
}

// An epoch of 500,000 uvmt: 250,000 for contributors, 175,000 for engines, 75,000 for
// storage.
//   - Contributors earn 8 of 10 samples: 200,000, three quarters of it for the first.
//   - Engines earn 12 of 10: all of 175,000, three quarters for the first operator.
//   - Two attesters hold 1 GiB each for half a day. One proves 4 of 4, the other 1 of 2:
//     3/4 of a GiB-day together, 56,250, two thirds for the first.
func TestEpochIsPaidToTheLastToken(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	operators := f.register(2)
	require.NoError(t, f.samples.Stored.Set(f.ctx, 1<<30))
	require.EqualValues(t, 1, f.nextEpoch(halfDay))
	first, second := holder("first"), holder("second")
	f.earn(first, 6*onePoint)
	f.earn(second, 2*onePoint)
	require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operators[0], 9*onePoint))
	require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operators[1], 3*onePoint))
	require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operators[1], 0))
	f.challenge(operators[0], 4, 0)
	f.challenge(operators[1], 1, 1)

	f.seat(2)
	settledAt := f.ctx.BlockTime().Unix()
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Equal(t, []*types.EventEpochSettled{
		{Epoch: 1, Emission: "500000", Contributors: "200000", Engines: "175000", Storage: "56250", StorageKibDays: 3 << 18},
	}, typed[*types.EventEpochSettled](f))
	require.Equal(t, []*types.EventOperatorPaid{
		{Epoch: 1, Operator: operators[0].String(), Engines: "131250", Storage: "37500", EnginePoints: 9 * onePoint, StorageKibDays: 1 << 19},
		{Epoch: 1, Operator: operators[1].String(), Engines: "43750", Storage: "18750", EnginePoints: 3 * onePoint, StorageKibDays: 1 << 18},
	}, typed[*types.EventOperatorPaid](f))
	f.endBlock(5)

	require.EqualValues(t, 131_250+37_500, f.earned(operators[0]))
	require.EqualValues(t, 43_750+18_750, f.earned(operators[1]))
	require.EqualValues(t, 200_000, f.balance(types.EpochAddress(1)))
	require.Equal(t, smallSchedule().Treasury.Int64()-200_000-175_000-56_250, f.left())
	rewards := f.rewards(1)
	require.Equal(t, types.EPOCH_STATUS_CLAIMABLE, rewards.Status)
	require.Equal(t, settledAt, rewards.SettledTime)
	require.Equal(t, settledAt+int64(types.DefaultParams().ClaimWindowSeconds), rewards.CloseTime)

	for contributor, want := range map[string]int64{"first": 150_000, "second": 50_000} {
		amount, epochs, err := f.claim(holder(contributor))
		require.NoError(t, err)
		require.Equal(t, want, amount)
		require.EqualValues(t, 1, epochs)
		require.Equal(t, want, f.balance(holder(contributor)))
	}
	require.Zero(t, f.balance(types.EpochAddress(1)))
	f.endBlock(5)
}

// What nobody earned stays in the treasury, and an epoch in which nobody earned anything
// pays nothing.
func TestQuietEpochPaysInProportion(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.nextEpoch(5)
	f.earn(holder("first"), onePoint/2) // 1/20 of the target
	f.nextEpoch(5)
	require.EqualValues(t, 12_500, f.rewards(1).Contributors.Int64())
	amount, _, err := f.claim(holder("first"))
	require.NoError(t, err)
	require.EqualValues(t, 12_500, amount)
	f.nextEpoch(5)
	require.EqualValues(t, perEpoch, f.rewards(2).Emission.Int64())
	require.True(t, f.rewards(2).Contributors.IsZero())
	require.Equal(t, smallSchedule().Treasury.Int64()-12_500, f.left())
}

// An epoch takes no more than the treasury has, and points of an empty one pay nothing.
func TestEmptyTreasury(t *testing.T) {
	f := newTreasury(t, types.Schedule{Treasury: math.NewInt(1000), PeriodEpochs: 1, Tail: math.NewInt(900)})
	f.setParams(func(p *types.Params) { p.ContributorsPpm, p.EnginesPpm = 1_000_000, 0 })
	contributor := holder("contributor")
	f.nextEpoch(5)
	for _, left := range []int64{100, 0, 0} {
		f.earn(contributor, 10*onePoint)
		f.nextEpoch(5)
		require.Equal(t, left, f.left())
	}
	amount, epochs, err := f.claim(contributor)
	require.NoError(t, err)
	require.EqualValues(t, 1000, amount)
	require.EqualValues(t, 2, epochs, "the third has nothing to pay")
	_, _, err = f.claim(contributor)
	require.ErrorIs(t, err, types.ErrNothingToClaim)
	f.endBlock(5)
}

// The halving of 8 gives 4, 2, 1, 1, 0...; the tail gives 2 instead as long as there are.
func TestTail(t *testing.T) {
	f := newTreasury(t, types.Schedule{Treasury: math.NewInt(8), PeriodEpochs: 1, Tail: math.NewInt(2)})
	f.setParams(func(p *types.Params) {
		p.ContributorsPpm, p.EnginesPpm, p.ContributorTargetSamples, p.EstablishedPoints = 1_000_000, 0, 1, 0
	})
	for _, want := range []int64{4, 2, 2, 0, 0} {
		f.earn(holder("contributor"), onePoint)
		epoch := f.nextEpoch(5) - 1
		require.Equal(t, want, f.rewards(epoch).Emission.Int64(), "epoch %d", epoch)
	}
	require.Zero(t, f.left())
}

// A chain whose timer is far ahead settles four epochs a block, the oldest first, and
// each of them pays what it owes.
func TestCatchingUp(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.earn(holder("contributor"), 5*onePoint)
	f.seat(1000)
	for block := range uint64(250) {
		next, err := f.keeper.NextEpoch.Get(f.ctx)
		require.NoError(t, err)
		require.Equal(t, block*4, next)
		if block%50 == 0 {
			f.endBlock(5)
			continue
		}
		require.NoError(t, f.keeper.EndBlock(f.ctx))
	}
	f.endBlock(5)
	next, err := f.keeper.NextEpoch.Get(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1000, next)
	amount, epochs, err := f.claim(holder("contributor"))
	require.NoError(t, err)
	require.EqualValues(t, 125_000, amount)
	require.EqualValues(t, 1, epochs)
	f.endBlock(5)
}

// Without attesters nobody had to store anything, and the first epoch counts as no time.
func TestStorageNeedsAttestersAndTime(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	operator := f.register(1)[0]
	require.NoError(t, f.samples.Stored.Set(f.ctx, 1<<30))
	f.challenge(operator, 1, 0) // in epoch 0
	f.nextEpoch(halfDay)
	require.Zero(t, f.rewards(0).StorageKibDays)
	f.challenge(operator, 1, 0)
	f.nextEpoch(halfDay)
	require.EqualValues(t, 1<<19, f.rewards(1).StorageKibDays)
	require.EqualValues(t, 37_500, f.earned(operator))

	require.NoError(t, f.supernode.SeatTable.Clear(f.ctx, nil))
	f.challenge(operator, 1, 0)
	f.nextEpoch(halfDay)
	require.Zero(t, f.rewards(2).StorageKibDays)
	require.EqualValues(t, 37_500, f.earned(operator))
}

// The counts of sightings of a settled epoch are dropped.
func TestSettlementDropsSightingCounts(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	operator := holder("operator")
	for epoch := range uint64(2) {
		require.NoError(t, f.keeper.SightingCounts.Set(f.ctx, workAt(epoch, operator), 3))
	}
	f.nextEpoch(5)
	for epoch, want := range []bool{false, true} {
		has, err := f.keeper.SightingCounts.Has(f.ctx, workAt(uint64(epoch), operator))
		require.NoError(t, err)
		require.Equal(t, want, has)
	}
}

// A settlement that fails loses nothing: it is done in a later block.
func TestFailedSettlementIsTriedAgain(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	f.nextEpoch(5)
	f.earn(holder("contributor"), onePoint)
	params, err := f.samples.Params.Get(f.ctx)
	require.NoError(t, err)
	require.NoError(t, f.samples.Params.Remove(f.ctx))
	f.nextEpoch(5)
	require.Equal(t, types.EPOCH_STATUS_ACCRUING, f.rewards(1).Status)
	f.earn(holder("contributor"), onePoint)
	require.NoError(t, f.samples.Params.Set(f.ctx, params))
	f.endBlock(5)
	require.EqualValues(t, 25_000, f.rewards(1).Contributors.Int64())
	require.EqualValues(t, onePoint, f.rewards(2).ContributorPoints)
}
