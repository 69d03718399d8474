package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestSeatsGoToTheLargestStakes(t *testing.T) {
	tests := map[string]struct {
		bonds map[byte]int64
		want  []byte
	}{
		"nobody":                       {bonds: nil, want: []byte{}},
		"fewer than seats":             {bonds: map[byte]int64{1: minBond}, want: []byte{1}},
		"by stake":                     {bonds: map[byte]int64{1: 1000, 2: 3000, 3: 2000, 4: 4000}, want: []byte{4, 2, 3}},
		"ties to the smaller operator": {bonds: map[byte]int64{7: 2000, 3: 2000, 5: 2000, 1: 2000}, want: []byte{1, 3, 5}},
		"tie at the last seat":         {bonds: map[byte]int64{9: 5000, 8: 1000, 2: 1000, 4: 1000}, want: []byte{9, 2, 4}},
		"by number and not by digits":  {bonds: map[byte]int64{1: 9999, 2: 10000, 3: 100000}, want: []byte{3, 2, 1}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			for number, bond := range tc.bonds {
				f.register(number, bond)
			}

			number := f.nextEpoch()

			epoch, err := f.keeper.CurrentEpoch(f.ctx)
			require.NoError(t, err)
			require.Equal(t, types.Epoch{Number: number, StartHeight: f.ctx.BlockHeight(), Seats: uint32(len(tc.want))}, epoch)
			require.Equal(t, tc.want, f.seats(number))
			table, err := f.keeper.Seats(f.ctx, number)
			require.NoError(t, err)
			for rank, seat := range table {
				require.Equal(t, types.Seat{
					Epoch: number, Operator: operator(tc.want[rank]).String(), Rank: uint32(rank), Stake: math.NewInt(tc.bonds[tc.want[rank]]),
				}, seat)
			}
			require.Equal(t, 1, f.emitted(&types.EventSeated{}))
		})
	}
}

func TestBeforeTheFirstEpochNobodyIsSeated(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)

	epoch, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(t, err)
	require.Equal(t, types.Epoch{}, epoch)
	seated, err := f.keeper.IsSeated(f.ctx, 0, operator(1))
	require.NoError(t, err)
	require.False(t, seated)
}

func TestATableIsFrozenUntilTheNextEpoch(t *testing.T) {
	f := newFixture(t)
	f.register(1, 2000)
	f.register(2, 1000)
	first := f.nextEpoch()

	f.register(3, 9000)
	f.fund(operator(2), coin(5000))
	_, err := deliver(f, f.msgs.AddBond, &types.MsgAddBond{Operator: operator(2).String(), Amount: coin(5000)})
	require.NoError(t, err)
	f.retire(1)
	require.Equal(t, []byte{1, 2}, f.seats(first))
	seated, err := f.keeper.IsSeated(f.ctx, first, operator(1))
	require.NoError(t, err)
	require.True(t, seated)

	second := f.nextEpoch()
	require.Equal(t, first+1, second)
	require.Equal(t, []byte{3, 2}, f.seats(second))
	require.Equal(t, []byte{1, 2}, f.seats(first))
	seated, err = f.keeper.IsSeated(f.ctx, second, operator(1))
	require.NoError(t, err)
	require.False(t, seated)
}

func TestARaisedLeastBondUnseats(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, 2*minBond)
	require.Equal(t, []byte{2, 1}, f.seats(f.nextEpoch()))

	params := testParams()
	params.MinSelfBond = coin(2 * minBond)
	_, err := deliver(f, f.msgs.UpdateParams, &types.MsgUpdateParams{Authority: f.authority, Params: params})
	require.NoError(t, err)

	require.Equal(t, []byte{2}, f.seats(f.nextEpoch()))
}

func TestOtherTimersSeatNobody(t *testing.T) {
	f := newFixture(t)
	hooks := f.keeper.EpochHooks()
	require.NoError(t, hooks.BeforeEpochStart(f.ctx, "other", 7))
	require.NoError(t, hooks.AfterEpochEnd(f.ctx, timer, 7))
	epoch, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(t, err)
	require.Zero(t, epoch.Number)
}

func TestAnEpochIsSeatedOnce(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	require.NoError(t, f.keeper.EpochHooks().BeforeEpochStart(f.ctx, timer, 7))
	f.register(2, 2*minBond)

	for _, number := range []int64{7, 6, 0} {
		require.NoError(t, f.keeper.EpochHooks().BeforeEpochStart(f.ctx, timer, number))
	}

	epoch, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 7, epoch.Number)
	require.Equal(t, []byte{1}, f.seats(7))
}

func TestOldTablesArePruned(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	for range 5 {
		f.nextEpoch()
	}
	// epochs_kept is 2: the current epoch and two before it.
	require.Empty(t, f.seats(2))
	for _, number := range []uint64{3, 4, 5} {
		require.Equal(t, []byte{1}, f.seats(number))
	}
}

func TestALoweredEpochsKeptIsCaughtUpInSteps(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	params := testParams()
	params.EpochsKept = 20
	require.NoError(t, f.keeper.Params.Set(f.ctx, params))
	for range 15 {
		f.nextEpoch()
	}
	params.EpochsKept = 1
	require.NoError(t, f.keeper.Params.Set(f.ctx, params))

	f.nextEpoch() // 16: removes 1 to 4
	require.Empty(t, f.seats(4))
	require.NotEmpty(t, f.seats(5))
	for range 5 {
		f.nextEpoch()
	}
	require.Empty(t, f.seats(19))
	require.NotEmpty(t, f.seats(20))
	require.NotEmpty(t, f.seats(21))
}

func TestEpochsFollowEachOtherAfterDowntime(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	first := f.nextEpoch()
	f.nextBlock(3 * term)
	f.nextBlock(time.Second)
	epoch, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(t, err)
	require.Equal(t, first+2, epoch.Number)
	require.Equal(t, []byte{1}, f.seats(first+1))
}
