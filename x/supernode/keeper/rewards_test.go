package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// donor is an account with an amount to give.
func (f *fixture) donor(amount int64) sdk.AccAddress {
	f.fund(holder(99), coin(amount))
	return holder(99)
}

func (f *fixture) allocate(number byte, amount int64) {
	f.t.Helper()
	require.NoError(f.t, f.keeper.AllocateRewards(f.ctx, f.donor(amount), operator(number), math.NewInt(amount)))
}

// withdraw pays a holder its rewards and returns them.
func (f *fixture) withdraw(who, at byte) int64 {
	f.t.Helper()
	before := f.balance(holder(who))
	res, err := deliver(f, f.msgs.WithdrawRewards, &types.MsgWithdrawRewards{Delegator: holder(who).String(), Operator: operator(at).String()})
	require.NoError(f.t, err)
	require.Equal(f.t, before+res.Amount.Int64(), f.balance(holder(who)))
	return res.Amount.Int64()
}

// The bond has 1000, the holders 3000 and 6000 of the stake: of each 1000 they get
// 100, 300 and 600 before a commission of 1 %.
func TestRewardsFollowTheStake(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 3_000)
	f.delegate(2, 1, 6_000)
	f.allocate(1, 1_000)
	require.Equal(t, 1, f.emitted(&types.EventRewardsAllocated{}))
	require.Equal(t, [3]int64{3_000, 300, 0}, f.position(1, 1))
	require.Equal(t, [3]int64{6_000, 600, 0}, f.position(2, 1))

	_, err := deliver(f, f.msgs.SetCommission, &types.MsgSetCommission{Operator: operator(1).String(), CommissionPpm: 10_000})
	require.NoError(t, err)
	f.allocate(1, 1_000)
	require.Equal(t, [3]int64{3_000, 597, 0}, f.position(1, 1))

	require.NoError(t, f.undelegate(2, 1, 6_000)) // earns nothing any more
	f.allocate(1, 4_000)                          // the bond: 1000, the commission: 30
	require.EqualValues(t, 597+2_970, f.withdraw(1, 1))
	require.EqualValues(t, 1_194, f.withdraw(2, 1))
	res, err := deliver(f, f.msgs.WithdrawCommission, &types.MsgWithdrawCommission{Operator: operator(1).String()})
	require.NoError(t, err)
	require.EqualValues(t, 100+109+1_030, res.Amount.Int64())
	require.EqualValues(t, res.Amount.Int64(), f.balance(operator(1)))
	require.EqualValues(t, 0, f.balance(types.RewardsAddress(operator(1))))
	require.Equal(t, 3, f.emitted(&types.EventRewardsWithdrawn{}))
}

func TestNobodyEarnsFromBeforeItJoined(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 1_000)
	f.allocate(1, 1_000)
	f.delegate(2, 1, 1_000)
	require.Equal(t, [3]int64{1_000, 0, 0}, f.position(2, 1))
	f.slashPool(1, 500_000) // half of all that is delegated: 1000 of 2000 stake are left
	f.allocate(1, 1_000)
	require.Equal(t, [3]int64{500, 750, 0}, f.position(1, 1))
	require.Equal(t, [3]int64{500, 250, 0}, f.position(2, 1))
	f.delegate(2, 1, 1_000) // at half the price: 2000 shares
	require.Equal(t, [3]int64{1_500, 250, 0}, f.position(2, 1))
	f.allocate(1, 3_000)
	require.Equal(t, [3]int64{500, 1_250, 0}, f.position(1, 1))
	require.Equal(t, [3]int64{1_500, 1_750, 0}, f.position(2, 1))
}

// What rounding leaves over is the operator's once the last delegation is gone.
func TestRewardDustIsSwept(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 1_000)
	f.delegate(2, 1, 1_000)
	f.allocate(1, 3) // to each delegator 1
	f.allocate(1, 1) // to each a half
	require.EqualValues(t, 1, f.withdraw(1, 1))
	require.EqualValues(t, 1, f.withdraw(2, 1))
	require.EqualValues(t, 1, f.pool(1).DelegatorRewards.Int64())
	require.NoError(t, f.undelegate(1, 1, 1_000))
	require.NoError(t, f.undelegate(2, 1, 1_000))
	f.nextBlock(unbond * time.Second)
	f.nextBlock(time.Second)
	pool := f.pool(1)
	require.EqualValues(t, 0, pool.DelegatorRewards.Int64())
	require.EqualValues(t, 2, pool.OperatorRewards.Int64()) // 1 for the bond, and the two halves
}

func TestAllocateRewardsRefuses(t *testing.T) {
	tests := map[string]struct {
		to     byte
		amount int64
		err    error
		paid   int64
	}{
		"paid":                {to: 1, amount: 10, paid: 10},
		"to a retired one":    {to: 2, amount: 10, paid: 10},
		"nothing":             {to: 1, amount: 0},
		"nothing to nobody":   {to: 9, amount: 0, err: types.ErrNotFound},
		"operator is unknown": {to: 9, amount: 10, err: types.ErrNotFound},
		"negative":            {to: 1, amount: -1, err: types.ErrInvalidAmount},
		"more than there is":  {to: 1, amount: 11, err: sdkerrors.ErrInsufficientFunds},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.register(2, minBond)
			f.retire(2)
			err := f.keeper.AllocateRewards(f.ctx, f.donor(10), operator(tc.to), math.NewInt(tc.amount))
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, 10-tc.paid, f.balance(holder(99)))
		})
	}
}

func TestFundRewards(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.MsgFundRewards)
		err     error
		message string
	}{
		"funds":               {change: func(*types.MsgFundRewards) {}},
		"sender no address":   {change: func(m *types.MsgFundRewards) { m.Sender = "x" }, err: types.ErrInvalidAddress, message: "sender"},
		"operator no address": {change: func(m *types.MsgFundRewards) { m.Operator = "x" }, err: types.ErrInvalidAddress, message: "operator"},
		"operator is unknown": {change: func(m *types.MsgFundRewards) { m.Operator = operator(9).String() }, err: types.ErrNotFound},
		"nothing":             {change: func(m *types.MsgFundRewards) { m.Amount = coin(0) }, err: types.ErrInvalidAmount, message: "want 1 or more"},
		"other denom":         {change: func(m *types.MsgFundRewards) { m.Amount.Denom = "other" }, err: types.ErrInvalidAmount, message: "want uvmt"},
		"more than it has":    {change: func(m *types.MsgFundRewards) { m.Amount = coin(11) }, err: sdkerrors.ErrInsufficientFunds},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			msg := &types.MsgFundRewards{Sender: f.donor(10).String(), Operator: operator(1).String(), Amount: coin(10)}
			tc.change(msg)
			_, err := deliver(f, f.msgs.FundRewards, msg)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, 10, f.pool(1).OperatorRewards.Int64())
			require.EqualValues(t, 10, f.balance(types.RewardsAddress(operator(1))))
		})
	}
}

func TestWithdrawRefuses(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 1_000)
	for name, tc := range map[string]struct {
		delegator, operator string
		err                 error
	}{
		"delegator no address": {delegator: "x", operator: operator(1).String(), err: types.ErrInvalidAddress},
		"operator no address":  {delegator: holder(1).String(), operator: "x", err: types.ErrInvalidAddress},
		"no delegation":        {delegator: holder(2).String(), operator: operator(1).String(), err: types.ErrNoDelegation},
		"no rewards":           {delegator: holder(1).String(), operator: operator(1).String(), err: types.ErrNothingToWithdraw},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := deliver(f, f.msgs.WithdrawRewards, &types.MsgWithdrawRewards{Delegator: tc.delegator, Operator: tc.operator})
			require.ErrorIs(t, err, tc.err)
		})
	}
	for bech32, want := range map[string]error{
		"x":                    types.ErrInvalidAddress,
		operator(1).String():   types.ErrNothingToWithdraw,
		operator(0x9).String(): types.ErrNothingToWithdraw,
	} {
		_, err := deliver(f, f.msgs.WithdrawCommission, &types.MsgWithdrawCommission{Operator: bech32})
		require.ErrorIs(t, err, want)
	}
}

func TestSetCommission(t *testing.T) {
	tests := map[string]struct {
		operator string
		ppm      uint32
		err      error
	}{
		"up to the limit":      {operator: operator(1).String(), ppm: 10_000},
		"jailed":               {operator: operator(3).String(), ppm: 10_000},
		"nobody has delegated": {operator: operator(3).String(), ppm: 200_000},
		"above the limit":      {operator: operator(1).String(), ppm: 10_001, err: types.ErrInvalidCommission},
		"above everything":     {operator: operator(1).String(), ppm: 1_000_001, err: types.ErrInvalidCommission},
		"operator no address":  {operator: "x", err: types.ErrInvalidAddress},
		"operator is unknown":  {operator: operator(9).String(), err: types.ErrNotFound},
		"operator has retired": {operator: operator(2).String(), err: types.ErrRetired},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.register(2, minBond)
			f.retire(2)
			f.register(3, minBond)
			f.jail(3)
			f.delegate(1, 1, 100)
			_, err := deliver(f, f.msgs.SetCommission, &types.MsgSetCommission{Operator: tc.operator, CommissionPpm: tc.ppm})
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, 1, f.emitted(&types.EventCommissionSet{}))
		})
	}
}

func TestACommissionRisesByStepsOverEpochs(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.delegate(1, 1, 100)
	set := func(ppm uint32) error {
		_, err := deliver(f, f.msgs.SetCommission, &types.MsgSetCommission{Operator: operator(1).String(), CommissionPpm: ppm})
		return err
	}
	require.NoError(t, set(10_000))
	require.ErrorIs(t, set(10_001), types.ErrInvalidCommission)
	f.nextEpoch()
	require.NoError(t, set(20_000))
	require.NoError(t, set(0))
	require.NoError(t, set(20_000))
	require.ErrorIs(t, set(20_001), types.ErrInvalidCommission)
	require.EqualValues(t, 20_000, f.pool(1).CommissionPpm)
}
