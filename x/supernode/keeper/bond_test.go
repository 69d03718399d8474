package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestAddBond(t *testing.T) {
	tests := map[string]struct {
		operator string
		amount   sdk.Coin
		err      error
		message  string
	}{
		"adds":                  {operator: operator(1).String(), amount: coin(1)},
		"operator no address":   {operator: "x", amount: coin(1), err: types.ErrInvalidAddress, message: "operator"},
		"operator is unknown":   {operator: operator(9).String(), amount: coin(1), err: types.ErrNotFound},
		"operator has retired":  {operator: operator(2).String(), amount: coin(1), err: types.ErrRetired},
		"nothing":               {operator: operator(1).String(), amount: coin(0), err: types.ErrInvalidBond, message: "amount"},
		"other denom":           {operator: operator(1).String(), amount: sdk.NewInt64Coin("other", 1), err: types.ErrInvalidBond, message: "want uvmt"},
		"more than the balance": {operator: operator(1).String(), amount: coin(11), err: sdkerrors.ErrInsufficientFunds},
		"whole above 64 bits":   {operator: operator(1).String(), amount: sdk.NewCoin(denom, math.NewIntFromUint64(types.MaxStake)), err: types.ErrInvalidBond, message: "whole stake"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.register(2, minBond)
			f.retire(2)
			f.fund(operator(1), coin(10))

			_, err := deliver(f, f.msgs.AddBond, &types.MsgAddBond{Operator: tc.operator, Amount: tc.amount})

			supernode, getErr := f.keeper.Supernode(f.ctx, operator(1))
			require.NoError(t, getErr)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				require.Equal(t, math.NewInt(minBond), supernode.SelfBond)
				require.EqualValues(t, 10, f.balance(operator(1)))
				return
			}
			require.NoError(t, err)
			require.Equal(t, math.NewInt(minBond+1), supernode.SelfBond)
			require.EqualValues(t, minBond+1, f.balance(types.BondAddress(operator(1))))
			require.EqualValues(t, 9, f.balance(operator(1)))
			require.Equal(t, 1, f.emitted(&types.EventBonded{}))
		})
	}
}

func TestRetire(t *testing.T) {
	tests := map[string]struct {
		operator string
		err      error
	}{
		"retires":              {operator: operator(1).String()},
		"operator no address":  {operator: "", err: types.ErrInvalidAddress},
		"operator is unknown":  {operator: operator(9).String(), err: types.ErrNotFound},
		"operator has retired": {operator: operator(2).String(), err: types.ErrRetired},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.register(2, minBond)
			f.retire(2)

			res, err := deliver(f, f.msgs.Retire, &types.MsgRetire{Operator: tc.operator})

			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, f.ctx.BlockTime().Unix()+unbond, res.ReleaseTime)
			supernode, err := f.keeper.Supernode(f.ctx, operator(1))
			require.NoError(t, err)
			require.Equal(t, types.STATUS_RETIRED, supernode.Status)
			require.Equal(t, res.ReleaseTime, supernode.ReleaseTime)
		})
	}
}

func TestUpdateParams(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.MsgUpdateParams)
		err     error
		message string
	}{
		"changed":            {change: func(m *types.MsgUpdateParams) { m.Params.MaxActive = 5 }},
		"not the authority":  {change: func(m *types.MsgUpdateParams) { m.Authority = operator(1).String() }, err: sdkerrors.ErrUnauthorized},
		"out of range":       {change: func(m *types.MsgUpdateParams) { m.Params.MaxActive = 101 }, err: types.ErrInvalidParams, message: "max_active is 101, want 1 to 100"},
		"other bond denom":   {change: func(m *types.MsgUpdateParams) { m.Params.MinSelfBond.Denom = "other" }, err: types.ErrInvalidParams, message: "min_self_bond"},
		"other epochs timer": {change: func(m *types.MsgUpdateParams) { m.Params.EpochIdentifier = "other" }, err: types.ErrInvalidParams, message: "epoch_identifier"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			msg := &types.MsgUpdateParams{Authority: f.authority, Params: testParams()}
			tc.change(msg)

			_, err := deliver(f, f.msgs.UpdateParams, msg)

			params, getErr := f.keeper.Params.Get(f.ctx)
			require.NoError(t, getErr)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				require.Equal(t, testParams(), params)
				return
			}
			require.NoError(t, err)
			require.Equal(t, msg.Params, params)
		})
	}
}
