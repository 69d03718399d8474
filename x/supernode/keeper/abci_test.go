package keeper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestABondIsPaidBackWhenItIsDue(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.retire(1)

	f.nextBlock((unbond - 1) * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 0, f.balance(operator(1)))
	_, err := deliver(f, f.msgs.Register, &types.MsgRegister{Operator: operator(1).String(), Profile: profile(1), SelfBond: coin(minBond)})
	require.ErrorIs(t, err, types.ErrAlreadyRegistered)

	f.nextBlock(time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, minBond, f.balance(operator(1)))
	require.EqualValues(t, 0, f.balance(types.BondAddress(operator(1))))
	require.Equal(t, 1, f.emitted(&types.EventReleased{}))
	_, err = f.keeper.Supernode(f.ctx, operator(1))
	require.ErrorIs(t, err, types.ErrNotFound)
	_, err = f.keeper.SidecarOf(f.ctx, operator(1))
	require.ErrorIs(t, err, types.ErrNotFound)

	_, err = deliver(f, f.msgs.Register, &types.MsgRegister{Operator: operator(1).String(), Profile: profile(1), SelfBond: coin(minBond)})
	require.NoError(t, err)
}

func TestABlockPaysAtMostItsLimit(t *testing.T) {
	f := newFixture(t)
	const leavers = 2*perBlock + 1
	for number := byte(1); number <= leavers; number++ {
		f.register(number, minBond)
		f.retire(number)
	}
	f.nextBlock(unbond * time.Second)
	for left := leavers; left > 0; {
		paid := min(perBlock, left)
		require.NoError(t, f.keeper.EndBlock(f.ctx))
		require.Equal(t, paid, f.emitted(&types.EventReleased{}))
		require.NoError(t, f.keeper.AllInvariants(f.ctx))
		f.ctx = f.ctx.WithEventManager(sdk.NewEventManager())
		left -= paid
	}
	for number := byte(1); number <= leavers; number++ {
		require.EqualValues(t, minBond, f.balance(operator(number)))
	}
}

// A bond account can be sent to by anyone, also as a locked vesting account. What
// was recorded is paid, no more and no less.
func TestForeignCoinsDoNotHoldABond(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	account := f.accounts.GetAccount(f.ctx, types.BondAddress(operator(1))).(*authtypes.BaseAccount)
	locked, err := vestingtypes.NewPermanentLockedAccount(account, sdk.NewCoins(coin(7)))
	require.NoError(t, err)
	f.accounts.SetAccount(f.ctx, locked)
	f.fund(types.BondAddress(operator(1)), coin(7))
	f.retire(1)

	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))

	require.EqualValues(t, minBond, f.balance(operator(1)))
	require.EqualValues(t, 7, f.balance(types.BondAddress(operator(1))))
}

func TestARefusedPaymentIsTriedAgainAndHoldsNobodyElse(t *testing.T) {
	f := newFixture(t)
	refuse := false
	f.bank.AppendSendRestriction(func(_ context.Context, _, to sdk.AccAddress, _ sdk.Coins) (sdk.AccAddress, error) {
		if refuse && to.Equals(operator(1)) {
			return nil, errors.New("refused")
		}
		return to, nil
	})
	f.register(1, minBond)
	f.register(2, minBond)
	refuse = true
	f.retire(1)
	f.retire(2)

	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 0, f.balance(operator(1)))
	require.EqualValues(t, minBond, f.balance(operator(2)))
	supernode, err := f.keeper.Supernode(f.ctx, operator(1))
	require.NoError(t, err)
	require.Equal(t, f.ctx.BlockTime().Unix()+unbond, supernode.ReleaseTime)

	refuse = false
	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, minBond, f.balance(operator(1)))
}
