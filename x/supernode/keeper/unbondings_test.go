package keeper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// endBlock ends a block that is later by passed seconds.
func (f *fixture) endBlock(passed int64) {
	f.t.Helper()
	f.nextBlock(time.Duration(passed) * time.Second)
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
}

func TestTokensComeBackAfterTheUnbondingTime(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 500)
	require.NoError(t, f.undelegate(1, 1, 200))
	require.Equal(t, 1, f.emitted(&types.EventUndelegated{}))
	require.Equal(t, [3]int64{300, 0, 1}, f.position(1, 1))

	f.endBlock(unbond - 1)
	require.EqualValues(t, 0, f.balance(holder(1)))
	f.endBlock(1)
	require.EqualValues(t, 200, f.balance(holder(1)))
	require.EqualValues(t, 300, f.balance(types.PoolAddress(operator(1))))
	require.Equal(t, [3]int64{300, 0, 0}, f.position(1, 1))
	require.Equal(t, 1, f.emitted(&types.EventUnbonded{}))
}

func TestRedelegatedTokensCountLater(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, minBond)
	f.delegate(1, 1, 500)
	require.NoError(t, f.redelegate(1, 1, 2, 500))
	for number := byte(1); number <= 2; number++ {
		stake, err := f.keeper.Candidates.Get(f.ctx, operator(number))
		require.NoError(t, err)
		require.EqualValues(t, minBond, stake)
	}

	f.endBlock(redelegate - 1)
	require.EqualValues(t, 500, f.balance(types.PoolAddress(operator(1))))
	f.endBlock(1)
	stake, err := f.keeper.Candidates.Get(f.ctx, operator(2))
	require.NoError(t, err)
	require.EqualValues(t, minBond+500, stake)
	require.Equal(t, [3]int64{500, 0, 0}, f.position(1, 2))
	require.EqualValues(t, 0, f.balance(types.PoolAddress(operator(1))))
	_, err = f.queries.Delegation(f.ctx, &types.QueryDelegationRequest{Delegator: holder(1).String(), Operator: operator(1).String()})
	require.Error(t, err)
}

// Whoever leaves before the slash pays what those who stay pay, whichever way it went.
func TestLeavingDodgesNoSlash(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, minBond)
	for who := byte(1); who <= 3; who++ {
		f.delegate(who, 1, 1_000)
	}
	require.NoError(t, f.undelegate(1, 1, 1_000))
	require.NoError(t, f.redelegate(2, 1, 2, 1_000))
	f.slashPool(1, 200_000)

	f.endBlock(redelegate)
	f.endBlock(unbond)
	require.EqualValues(t, 800, f.balance(holder(1)))
	require.Equal(t, [3]int64{800, 0, 0}, f.position(2, 2))
	require.Equal(t, [3]int64{800, 0, 0}, f.position(3, 1))
}

// A slash of the destination does not touch what has not arrived.
func TestWhatIsOnItsWayAnswersForWhereItWas(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, minBond)
	f.delegate(1, 1, 1_000)
	require.NoError(t, f.redelegate(1, 1, 2, 1_000))
	f.slashPool(2, 200_000)
	f.endBlock(redelegate)
	require.Equal(t, [3]int64{1_000, 0, 0}, f.position(1, 2))
}

func TestUnbondingsOfADelegationAreBounded(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, minBond)
	f.delegate(1, 1, 1_000)
	f.delegate(2, 1, 1_000)
	require.NoError(t, f.undelegate(1, 1, 10))
	require.NoError(t, f.undelegate(1, 1, 10)) // same block, same entry
	require.NoError(t, f.redelegate(1, 1, 2, 100))
	require.NoError(t, f.redelegate(1, 1, 2, 100))
	require.Equal(t, [3]int64{780, 0, 2}, f.position(1, 1))
	f.nextBlock(time.Second)
	require.NoError(t, f.undelegate(1, 1, 10))
	f.nextBlock(time.Second)
	require.ErrorIs(t, f.undelegate(1, 1, 10), types.ErrTooManyUnbondings)
	require.ErrorIs(t, f.redelegate(1, 1, 2, 100), types.ErrTooManyUnbondings)
	require.NoError(t, f.undelegate(2, 1, 10)) // it binds nobody else

	f.nextBlock(redelegate * time.Second)
	f.nextBlock(time.Second)
	require.Equal(t, [3]int64{200, 0, 0}, f.position(1, 2))
	require.NoError(t, f.undelegate(1, 1, 10))
}

func TestABlockReleasesAtMostItsLimit(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	const leavers = 2*perBlock + 1
	for who := byte(1); who <= leavers; who++ {
		f.delegate(who, 1, 100)
		require.NoError(t, f.undelegate(who, 1, 100))
	}
	f.nextBlock(unbond * time.Second)
	for left := leavers; left > 0; {
		released := min(perBlock, left)
		require.NoError(t, f.keeper.EndBlock(f.ctx))
		require.Equal(t, released, f.emitted(&types.EventUnbonded{}))
		require.NoError(t, f.keeper.AllInvariants(f.ctx))
		f.ctx = f.ctx.WithEventManager(sdk.NewEventManager())
		left -= released
	}
	for who := byte(1); who <= leavers; who++ {
		require.EqualValues(t, 100, f.balance(holder(who)))
	}
}

func TestADestinationThatCannotTakeItIsPassedBy(t *testing.T) {
	tests := map[string]func(*fixture){
		"retired": func(f *fixture) { f.retire(2) },
		"gone": func(f *fixture) {
			f.retire(2)
			f.nextBlock(unbond * time.Second)
			f.nextBlock(time.Second)
		},
		"emptied by slashing": func(f *fixture) {
			f.delegate(2, 2, 500)
			f.slashPool(2, 1_000_000)
		},
		"stake is full": func(f *fixture) {
			amount := sdk.NewCoin(denom, math.NewIntFromUint64(types.MaxStake-minBond))
			f.fund(holder(2), amount)
			_, err := deliver(f, f.msgs.Delegate, &types.MsgDelegate{Delegator: holder(2).String(), Operator: operator(2).String(), Amount: amount})
			require.NoError(f.t, err)
		},
	}
	for name, prevent := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.register(2, minBond)
			f.delegate(1, 1, 500)
			params := testParams()
			params.RedelegationSeconds = 3 * unbond
			require.NoError(t, f.keeper.Params.Set(f.ctx, params))
			require.NoError(t, f.redelegate(1, 1, 2, 500))
			prevent(f)

			f.endBlock(3 * unbond)

			require.EqualValues(t, 500, f.balance(holder(1)))
			require.EqualValues(t, 0, f.balance(types.PoolAddress(operator(1))))
			require.Equal(t, 1, f.emitted(&types.EventUnbonded{}))
		})
	}
}

// refuseTo lets x/bank refuse payments to an account while the answer is true.
func (f *fixture) refuseTo(account sdk.AccAddress) *bool {
	refuse := true
	f.bank.AppendSendRestriction(func(_ context.Context, _, to sdk.AccAddress, _ sdk.Coins) (sdk.AccAddress, error) {
		if refuse && to.Equals(account) {
			return nil, errors.New("refused")
		}
		return to, nil
	})
	return &refuse
}

// refuseAll lets x/bank refuse every payment.
func refuseAll(context.Context, sdk.AccAddress, sdk.AccAddress, sdk.Coins) (sdk.AccAddress, error) {
	return nil, errors.New("refused")
}

func TestARefusedReleaseIsTriedAgainAndHoldsNobodyElse(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 500)
	f.delegate(2, 1, 500)
	refuse := f.refuseTo(holder(1))
	require.NoError(t, f.undelegate(1, 1, 200))
	require.NoError(t, f.undelegate(2, 1, 200))

	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.undelegate(1, 1, 100)) // meets the postponed one
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 0, f.balance(holder(1)))
	require.EqualValues(t, 200, f.balance(holder(2)))
	require.Equal(t, [3]int64{200, 0, 1}, f.position(1, 1))

	f.endBlock(unbond)
	require.Equal(t, [3]int64{200, 0, 1}, f.position(1, 1))
	*refuse = false
	f.endBlock(unbond)
	require.EqualValues(t, 300, f.balance(holder(1)))
	require.Equal(t, [3]int64{200, 0, 0}, f.position(1, 1))
}
