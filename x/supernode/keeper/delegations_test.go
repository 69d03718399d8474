package keeper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// holder returns the account of a token holder, who is no operator.
func holder(number byte) sdk.AccAddress { return bytes.Repeat([]byte{0x80 + number}, 20) }

// delegate funds a holder with an amount and delegates it.
func (f *fixture) delegate(who, to byte, amount int64) {
	f.t.Helper()
	f.fund(holder(who), coin(amount))
	_, err := deliver(f, f.msgs.Delegate, &types.MsgDelegate{
		Delegator: holder(who).String(), Operator: operator(to).String(), Amount: coin(amount),
	})
	require.NoError(f.t, err)
}

func (f *fixture) undelegate(who, from byte, amount int64) error {
	_, err := deliver(f, f.msgs.Undelegate, &types.MsgUndelegate{
		Delegator: holder(who).String(), Operator: operator(from).String(), Amount: coin(amount),
	})
	return err
}

func (f *fixture) redelegate(who, from, to byte, amount int64) error {
	_, err := deliver(f, f.msgs.Redelegate, &types.MsgRedelegate{
		Delegator: holder(who).String(), Operator: operator(from).String(), Destination: operator(to).String(), Amount: coin(amount),
	})
	return err
}

// slashPool takes ppm of a pool, as a slash does, and sends the coins to nobody.
func (f *fixture) slashPool(number byte, ppm uint32) {
	f.t.Helper()
	pool := f.pool(number)
	fromDelegated, fromUnbonding := pool.Slash(ppm)
	require.NoError(f.t, f.keeper.Pools.Set(f.ctx, operator(number), pool))
	taken := fromDelegated.Add(fromUnbonding)
	if taken.IsPositive() {
		require.NoError(f.t, f.bank.SendCoins(f.ctx, types.PoolAddress(operator(number)), operator(0xff), sdk.NewCoins(sdk.NewCoin(denom, taken))))
	}
	if stood, err := f.keeper.Candidates.Get(f.ctx, operator(number)); err == nil {
		require.NoError(f.t, f.keeper.Candidates.Set(f.ctx, operator(number), stood-fromDelegated.Uint64()))
	}
}

func (f *fixture) pool(number byte) types.Pool {
	f.t.Helper()
	res, err := f.queries.Pool(f.ctx, &types.QueryPoolRequest{Operator: operator(number).String()})
	require.NoError(f.t, err)
	return res.Pool
}

// position is the worth, the rewards and the count of unbondings of a delegation.
func (f *fixture) position(who, at byte) [3]int64 {
	f.t.Helper()
	res, err := f.queries.Delegation(f.ctx, &types.QueryDelegationRequest{Delegator: holder(who).String(), Operator: operator(at).String()})
	require.NoError(f.t, err)
	return [3]int64{res.Position.Worth.Int64(), res.Position.Rewards.Int64(), int64(res.Position.Delegation.Unbondings)}
}

func (f *fixture) jail(number byte) {
	f.t.Helper()
	supernode, err := f.keeper.Supernode(f.ctx, operator(number))
	require.NoError(f.t, err)
	supernode.Status, supernode.JailedUntil = types.STATUS_JAILED, 1
	require.NoError(f.t, f.keeper.Supernodes.Set(f.ctx, operator(number), supernode))
	require.NoError(f.t, f.keeper.Candidates.Remove(f.ctx, operator(number)))
}

func TestDelegate(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.MsgDelegate)
		err     error
		message string
	}{
		"smallest":              {change: func(*types.MsgDelegate) {}},
		"to a jailed one":       {change: func(m *types.MsgDelegate) { m.Operator = operator(3).String() }},
		"delegator no address":  {change: func(m *types.MsgDelegate) { m.Delegator = "x" }, err: types.ErrInvalidAddress, message: "delegator"},
		"operator no address":   {change: func(m *types.MsgDelegate) { m.Operator = "" }, err: types.ErrInvalidAddress, message: "operator"},
		"no amount":             {change: func(m *types.MsgDelegate) { m.Amount = sdk.Coin{Denom: denom} }, err: types.ErrInvalidAmount, message: "amount"},
		"other denom":           {change: func(m *types.MsgDelegate) { m.Amount.Denom = "other" }, err: types.ErrInvalidAmount, message: "want uvmt"},
		"too little":            {change: func(m *types.MsgDelegate) { m.Amount = coin(minDelegation - 1) }, err: types.ErrInvalidAmount, message: "at least 100"},
		"negative":              {change: func(m *types.MsgDelegate) { m.Amount.Amount = math.NewInt(-1) }, err: types.ErrInvalidAmount},
		"above 64 bits":         {change: func(m *types.MsgDelegate) { m.Amount.Amount = math.NewIntFromUint64(types.MaxStake).AddRaw(1) }, err: types.ErrInvalidAmount, message: "18446744073709551615"},
		"stake above 64 bits":   {change: func(m *types.MsgDelegate) { m.Amount.Amount = math.NewIntFromUint64(types.MaxStake - minBond + 1) }, err: types.ErrInvalidAmount, message: "stake"},
		"more than the balance": {change: func(m *types.MsgDelegate) { m.Amount = coin(501) }, err: sdkerrors.ErrInsufficientFunds},
		"operator is unknown":   {change: func(m *types.MsgDelegate) { m.Operator = operator(9).String() }, err: types.ErrNotFound},
		"operator has retired":  {change: func(m *types.MsgDelegate) { m.Operator = operator(2).String() }, err: types.ErrRetired},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.register(2, minBond)
			f.retire(2)
			f.register(3, minBond)
			f.jail(3)
			f.fund(holder(1), coin(500))
			msg := &types.MsgDelegate{Delegator: holder(1).String(), Operator: operator(1).String(), Amount: coin(minDelegation)}
			tc.change(msg)

			res, err := deliver(f, f.msgs.Delegate, msg)

			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				require.EqualValues(t, 500, f.balance(holder(1)))
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, minDelegation, res.Shares.Int64())
			require.EqualValues(t, 500-minDelegation, f.balance(holder(1)))
			to, err := sdk.AccAddressFromBech32(msg.Operator)
			require.NoError(t, err)
			require.EqualValues(t, minDelegation, f.balance(types.PoolAddress(to)))
			require.Equal(t, [3]int64{minDelegation, 0, 0}, f.position(1, to[0]))
			require.Equal(t, 1, f.emitted(&types.EventDelegated{}))
		})
	}
}

func TestUndelegateAndRedelegateRefuse(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, minBond)
	f.register(3, minBond)
	f.retire(3)
	f.delegate(1, 1, 500)
	one, two, three, gone := operator(1).String(), operator(2).String(), operator(3).String(), operator(9).String()
	tests := map[string]struct {
		delegator, from, to string
		amount              sdk.Coin
		err                 error
		message             string
	}{
		"delegator no address":           {delegator: "x", from: one, amount: coin(1), err: types.ErrInvalidAddress, message: "delegator"},
		"operator no address":            {from: "x", amount: coin(1), err: types.ErrInvalidAddress, message: "operator"},
		"destination no address":         {from: one, to: "x", amount: coin(100), err: types.ErrInvalidAddress, message: "destination"},
		"to where it is":                 {from: one, to: one, amount: coin(100), err: types.ErrInvalidAddress, message: "itself"},
		"to where it is, in upper case":  {from: one, to: strings.ToUpper(one), amount: coin(100), err: types.ErrInvalidAddress, message: "itself"},
		"to a retired one":               {from: one, to: three, amount: coin(100), err: types.ErrRetired},
		"to nobody":                      {from: one, to: gone, amount: coin(100), err: types.ErrNotFound},
		"nothing":                        {from: one, amount: coin(0), err: types.ErrInvalidAmount},
		"redelegate too little":          {from: one, to: two, amount: coin(minDelegation - 1), err: types.ErrInvalidAmount, message: "at least 100"},
		"other denom":                    {from: one, amount: sdk.NewInt64Coin("other", 1), err: types.ErrInvalidAmount, message: "want uvmt"},
		"more than it is worth":          {from: one, amount: coin(501), err: types.ErrNoDelegation, message: "worth 500"},
		"redelegate more than its worth": {from: one, to: two, amount: coin(501), err: types.ErrNoDelegation},
		"not delegated there":            {from: two, amount: coin(1), err: types.ErrNoDelegation},
		"not delegated to nobody":        {from: gone, amount: coin(1), err: types.ErrNoDelegation},
		"delegated by another":           {delegator: holder(2).String(), from: one, amount: coin(1), err: types.ErrNoDelegation},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if tc.delegator == "" {
				tc.delegator = holder(1).String()
			}
			var err error
			if tc.to == "" {
				_, err = deliver(f, f.msgs.Undelegate, &types.MsgUndelegate{Delegator: tc.delegator, Operator: tc.from, Amount: tc.amount})
			} else {
				_, err = deliver(f, f.msgs.Redelegate, &types.MsgRedelegate{Delegator: tc.delegator, Operator: tc.from, Destination: tc.to, Amount: tc.amount})
			}
			require.ErrorIs(t, err, tc.err)
			require.ErrorContains(t, err, tc.message)
			require.Equal(t, [3]int64{500, 0, 0}, f.position(1, 1))
		})
	}
}

func TestDelegationsWinSeats(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, minBond+1)
	f.delegate(1, 1, 500)
	f.jail(f.register(3, minBond)[0])
	f.delegate(2, 3, 900)

	first := f.nextEpoch()
	require.Equal(t, []byte{1, 2}, f.seats(first))
	table, err := f.keeper.Seats(f.ctx, first)
	require.NoError(t, err)
	require.Equal(t, math.NewInt(minBond+500), table[0].Stake)

	require.NoError(t, f.undelegate(1, 1, 499))
	require.Equal(t, []byte{1, 2}, f.seats(f.nextEpoch()))
	require.NoError(t, f.undelegate(1, 1, 1))
	require.Equal(t, []byte{2, 1}, f.seats(f.nextEpoch()))
}

// Delegations do not replace the own bond, and those who lack it hide nobody.
func TestASmallSelfBondIsPassedOver(t *testing.T) {
	f := newFixture(t)
	const behind = 4 * 3
	for number := byte(1); number <= behind; number++ {
		f.register(number, minBond)
		f.delegate(1, number, 10_000)
	}
	f.register(20, minBond+1)
	params := testParams()
	params.MinSelfBond = coin(minBond + 1)
	require.NoError(t, f.keeper.Params.Set(f.ctx, params))

	require.Empty(t, f.seats(f.nextEpoch())) // twelve are read for three seats
	require.NoError(t, f.undelegate(1, 1, 10_000))
	require.Equal(t, []byte{20}, f.seats(f.nextEpoch()))
}

func TestAddBondCountsDelegations(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.fund(holder(1), sdk.NewCoin(denom, math.NewIntFromUint64(types.MaxStake-minBond)))
	_, err := deliver(f, f.msgs.Delegate, &types.MsgDelegate{
		Delegator: holder(1).String(), Operator: operator(1).String(), Amount: sdk.NewCoin(denom, math.NewIntFromUint64(types.MaxStake-minBond)),
	})
	require.NoError(t, err)
	for _, jailed := range []bool{false, true} {
		if jailed {
			f.jail(1)
		}
		_, err = deliver(f, f.msgs.AddBond, &types.MsgAddBond{Operator: operator(1).String(), Amount: coin(1)})
		require.ErrorIs(t, err, types.ErrInvalidBond)
	}
}

func TestAJailedSupernodeRetires(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.jail(1)
	f.retire(1)
	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, minBond, f.balance(operator(1)))
}
