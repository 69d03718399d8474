package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestRegister(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.MsgRegister)
		err     error
		message string
	}{
		"smallest bond":            {change: func(*types.MsgRegister) {}},
		"operator as own sidecar":  {change: func(m *types.MsgRegister) { m.Profile.Sidecar = m.Operator }},
		"operator is no address":   {change: func(m *types.MsgRegister) { m.Operator = "vmt1" }, err: types.ErrInvalidAddress, message: "operator"},
		"operator of other chain":  {change: func(m *types.MsgRegister) { m.Operator = sdk.MustBech32ifyAddressBytes("cosmos", operator(9)) }, err: types.ErrInvalidAddress, message: "operator"},
		"profile is wrong":         {change: func(m *types.MsgRegister) { m.Profile.Moniker = "" }, err: types.ErrInvalidProfile, message: "moniker"},
		"bond without amount":      {change: func(m *types.MsgRegister) { m.SelfBond = sdk.Coin{Denom: denom} }, err: types.ErrInvalidBond, message: "self_bond"},
		"bond in other denom":      {change: func(m *types.MsgRegister) { m.SelfBond.Denom = "other" }, err: types.ErrInvalidBond, message: "want uvmt"},
		"bond is negative":         {change: func(m *types.MsgRegister) { m.SelfBond.Amount = math.NewInt(-1) }, err: types.ErrInvalidBond, message: "self_bond"},
		"bond below the least":     {change: func(m *types.MsgRegister) { m.SelfBond = coin(minBond - 1) }, err: types.ErrInvalidBond, message: "at least 1000uvmt"},
		"bond above 64 bits":       {change: func(m *types.MsgRegister) { m.SelfBond.Amount = math.NewIntFromUint64(types.MaxStake).AddRaw(1) }, err: types.ErrInvalidBond, message: "18446744073709551615"},
		"bond above the balance":   {change: func(m *types.MsgRegister) { m.SelfBond = coin(5*minBond + 1) }, err: sdkerrors.ErrInsufficientFunds},
		"operator known":           {change: func(m *types.MsgRegister) { m.Operator = operator(1).String() }, err: types.ErrAlreadyRegistered},
		"operator known, in upper": {change: func(m *types.MsgRegister) { m.Operator = strings.ToUpper(operator(1).String()) }, err: types.ErrAlreadyRegistered},
		"sidecar of another":       {change: func(m *types.MsgRegister) { m.Profile.Sidecar = sidecar(1).String() }, err: types.ErrSidecarTaken},
		"sidecar of another, in upper": {
			change: func(m *types.MsgRegister) { m.Profile.Sidecar = strings.ToUpper(sidecar(1).String()) }, err: types.ErrSidecarTaken,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.fund(operator(9), coin(5*minBond))
			msg := &types.MsgRegister{Operator: operator(9).String(), Profile: profile(9), SelfBond: coin(minBond)}
			tc.change(msg)

			_, err := deliver(f, f.msgs.Register, msg)

			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				require.EqualValues(t, 5*minBond, f.balance(operator(9)))
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, 4*minBond, f.balance(operator(9)))
			require.EqualValues(t, minBond, f.balance(types.BondAddress(operator(9))))
			supernode, err := f.keeper.Supernode(f.ctx, operator(9))
			require.NoError(t, err)
			require.Equal(t, types.Supernode{
				Operator: msg.Operator, Profile: msg.Profile, SelfBond: math.NewInt(minBond),
				Status: types.STATUS_CANDIDATE, RegisteredHeight: 1,
			}, supernode)
		})
	}
}

func TestRegisterStoresAddressesAsTheChainSpellsThem(t *testing.T) {
	f := newFixture(t)
	f.fund(operator(1), coin(minBond))
	msg := &types.MsgRegister{Operator: strings.ToUpper(operator(1).String()), Profile: profile(1), SelfBond: coin(minBond)}
	msg.Profile.Sidecar = strings.ToUpper(msg.Profile.Sidecar)

	_, err := deliver(f, f.msgs.Register, msg)

	require.NoError(t, err)
	supernode, err := f.keeper.Supernode(f.ctx, operator(1))
	require.NoError(t, err)
	require.Equal(t, operator(1).String(), supernode.Operator)
	require.Equal(t, sidecar(1).String(), supernode.Profile.Sidecar)
	require.Equal(t, 1, f.emitted(&types.EventRegistered{}))
}

func TestEdit(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.MsgEdit)
		err     error
		message string
	}{
		"new sidecar":           {change: func(m *types.MsgEdit) { m.Profile.Sidecar = sidecar(3).String() }},
		"same sidecar":          {change: func(m *types.MsgEdit) { m.Profile.Moniker = "renamed" }},
		"nothing optional":      {change: func(m *types.MsgEdit) { m.Profile.Endpoints, m.Profile.PeerId, m.Profile.Multiaddrs = nil, "", nil }},
		"sidecar of another":    {change: func(m *types.MsgEdit) { m.Profile.Sidecar = sidecar(2).String() }, err: types.ErrSidecarTaken},
		"profile is wrong":      {change: func(m *types.MsgEdit) { m.Profile.PeerId = "x" }, err: types.ErrInvalidProfile, message: "peer_id"},
		"operator is unknown":   {change: func(m *types.MsgEdit) { m.Operator = operator(9).String() }, err: types.ErrNotFound, message: operator(9).String()},
		"operator no address":   {change: func(m *types.MsgEdit) { m.Operator = "" }, err: types.ErrInvalidAddress, message: "operator"},
		"operator has retired":  {change: func(m *types.MsgEdit) { m.Operator = operator(4).String() }, err: types.ErrRetired},
		"sidecar of the leaver": {change: func(m *types.MsgEdit) { m.Profile.Sidecar = sidecar(4).String() }, err: types.ErrSidecarTaken},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, minBond)
			f.register(2, minBond)
			f.register(4, minBond)
			f.retire(4)
			msg := &types.MsgEdit{Operator: operator(1).String(), Profile: profile(1)}
			tc.change(msg)

			_, err := deliver(f, f.msgs.Edit, msg)

			supernode, getErr := f.keeper.Supernode(f.ctx, operator(1))
			require.NoError(t, getErr)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				require.Equal(t, profile(1), supernode.Profile)
				return
			}
			require.NoError(t, err)
			require.Equal(t, msg.Profile, supernode.Profile)
			account, err := f.keeper.SidecarOf(f.ctx, operator(1))
			require.NoError(t, err)
			require.Equal(t, msg.Profile.Sidecar, account.String())
			require.Equal(t, 1, f.emitted(&types.EventEdited{}))
		})
	}
}

func TestAFormerSidecarIsFree(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	moved := profile(1)
	moved.Sidecar = sidecar(3).String()
	_, err := deliver(f, f.msgs.Edit, &types.MsgEdit{Operator: operator(1).String(), Profile: moved})
	require.NoError(t, err)
	f.fund(operator(2), coin(minBond))

	_, err = deliver(f, f.msgs.Register, &types.MsgRegister{Operator: operator(2).String(), Profile: profile(1), SelfBond: coin(minBond)})

	require.NoError(t, err)
}
