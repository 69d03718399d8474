package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/market/types"
)

// claimWindow is for how long x/bounty lets contributors claim from epochs that it settles.
func (f *planFixture) claimWindow(window time.Duration) {
	f.t.Helper()
	params := bountytypes.DefaultParams()
	params.ClaimWindowSeconds = uint64(window / time.Second)
	require.NoError(f.t, f.bounty.Params.Set(f.ctx, params))
}

// closings are the pools that end with this block, and where they went.
func (f *planFixture) closings() []*types.EventPoolClosed {
	f.t.Helper()
	require.NoError(f.t, f.bounty.EndBlock(f.ctx))
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	closed := planEvents[*types.EventPoolClosed](f)
	f.endBlock(time.Second)
	return closed
}

// What was paid in an epoch in which nobody contributed belongs to those of the next.
func TestPoolThatNobodyHasPointsIn(t *testing.T) {
	f := newPlanFixture(t)
	f.pay(1_000)
	f.fund(types.PoolAddress(1), 5) // a gift goes along
	f.earn(planHunter, 0)
	f.seat(2)
	require.Equal(t, []*types.EventPoolClosed{{Epoch: 1, Rest: "405", Into: 2}}, f.closings())
	amount, held := f.pool(1)
	require.Zero(t, amount+held)
	f.earn(planFinder, 1)
	f.pay(1_000)
	amount, held = f.pool(2)
	require.EqualValues(t, 805, amount)
	require.EqualValues(t, 805, held)
	f.nextEpoch()
	claimed, _, err := f.claim(planFinder)
	require.NoError(t, err)
	require.EqualValues(t, 805, claimed)
}

// A pool of the running epoch, and one that is not settled yet, stay where they are.
func TestPoolsThatAreNotSettledStay(t *testing.T) {
	f := newPlanFixture(t)
	f.pay(1_000)
	require.Empty(t, f.closings())
	require.NoError(t, f.bounty.NextEpoch.Set(f.ctx, 1))
	f.seat(2)
	require.NoError(t, f.keeper.EndBlock(f.ctx)) // before x/bounty had its turn
	require.Empty(t, planEvents[*types.EventPoolClosed](f))
	amount, _ := f.pool(1)
	require.EqualValues(t, 400, amount)
	require.Len(t, f.closings(), 1)
}

// What is not claimed in time goes to the contributors of the running epoch, and the
// claims are forgotten.
func TestRestOfAClosedPoolRollsOver(t *testing.T) {
	f := newPlanFixture(t)
	f.claimWindow(10 * planDay)
	f.earn(planFinder, 5)
	f.earn(planHunter, 2)
	f.pay(100_000_000)
	f.nextEpoch()
	f.earn(planFinder, 1)
	_, _, err := f.claim(planFinder)
	require.NoError(t, err)
	f.endBlock(10 * planDay)
	require.Equal(t, []*types.EventPoolClosed{{Epoch: 1, Rest: "11428572", Into: 2}}, f.closings())
	_, held := f.pool(1)
	require.Zero(t, held)
	amount, _ := f.pool(2)
	require.EqualValues(t, 11_428_572, amount)
	_, _, err = f.claim(planHunter)
	require.ErrorIs(t, err, types.ErrNothingToClaim)
	claimed, err := f.keeper.RoyaltyClaims.Has(f.ctx, collections.Join(uint64(1), planFinder))
	require.NoError(t, err)
	require.False(t, claimed)

	f.nextEpoch()
	amount, _, err = f.claim(planFinder)
	require.NoError(t, err)
	require.EqualValues(t, 11_428_572, amount)
}

// A chain that slept longer than the claim windows of many epochs catches up by a few pools
// a block.
func TestManyPoolsCloseByAndBy(t *testing.T) {
	f := newPlanFixture(t)
	f.claimWindow(100 * planDay)
	for range 10 {
		f.earn(planFinder, 1)
		f.pay(1_000)
		f.nextEpoch()
	}
	f.endBlock(365 * planDay)
	for _, want := range []int{7, 3, 0, 0} { // x/bounty closes epochs 0 to 3 first
		f.endBlock(time.Second)
		require.Len(t, f.export().Pools, want+1) // with the one that they go to
	}
	amount, held := f.pool(f.epoch)
	require.EqualValues(t, 4_000, amount)
	require.EqualValues(t, 4_000, held)
}

// With two prunings a block, five claims of a closed pool are dropped in three.
func TestClaimsArePrunedByAndBy(t *testing.T) {
	f := newPlanFixture(t)
	f.claimWindow(10 * planDay)
	f.setParams(func(params *types.Params) { params.MaxPrunesPerBlock = 2 })
	contributors := make([]sdk.AccAddress, 5)
	for i := range contributors {
		contributors[i] = planRole(fmt.Sprint("contributor ", i))
		f.earn(contributors[i], 1)
	}
	f.pay(1_000)
	f.nextEpoch()
	for _, contributor := range contributors {
		_, _, err := f.claim(contributor)
		require.NoError(t, err)
	}
	f.endBlock(10 * planDay)
	for _, want := range []int{3, 1, 0, 0} {
		f.endBlock(time.Second)
		gs := f.export()
		require.Len(t, gs.RoyaltyClaims, want)
		other, err := f.moveTo(gs)
		require.NoError(t, err)
		require.Equal(t, gs, other.export())
	}
	pruning, err := f.keeper.ClosedPools.Has(f.ctx, 1)
	require.NoError(t, err)
	require.False(t, pruning)
}
