package types_test

import (
	"reflect"
	"testing"

	gogoproto "github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	"github.com/virusmap/virusmap/x/supernode/types"
)

// messages has each message filled and, as far as it can be, empty.
func messages() map[string]sdk.Msg {
	bond := sdk.NewInt64Coin("uvmt", 7)
	sealed := []types.SealedKey{{Epoch: 1, Operator: account(1), Sealed: []byte{1, 2}}, {Epoch: 1}}
	none := sdk.NewInt64Coin("uvmt", 0)
	return map[string]sdk.Msg{
		"register":          &types.MsgRegister{Operator: account(1), Profile: validProfile(), SelfBond: bond},
		"register, empty":   &types.MsgRegister{SelfBond: none},
		"edit":              &types.MsgEdit{Operator: account(1), Profile: validProfile()},
		"edit, empty":       &types.MsgEdit{},
		"add bond":          &types.MsgAddBond{Operator: account(1), Amount: bond},
		"add bond, empty":   &types.MsgAddBond{Amount: none},
		"retire":            &types.MsgRetire{Operator: account(1)},
		"retire, empty":     &types.MsgRetire{},
		"publish":           &types.MsgPublishVaultKey{Sidecar: account(1), Operator: account(2), Epoch: 1, Recipient: recipient(), Sealed: sealed},
		"publish, empty":    &types.MsgPublishVaultKey{},
		"seal":              &types.MsgSealVaultKey{Sidecar: account(1), Operator: account(2), Sealed: sealed},
		"seal, empty":       &types.MsgSealVaultKey{},
		"set params":        &types.MsgUpdateParams{Authority: account(1), Params: types.DefaultParams()},
		"set params, empty": &types.MsgUpdateParams{Params: types.Params{MinSelfBond: none}},
	}
}

func TestEveryMessageCanBeSigned(t *testing.T) {
	moduletest.RequireSignable(t, "virusmap.supernode.v1", types.RegisterLegacyAminoCodec, messages())
}

// Every request of the message service is registered.
func TestEveryMessageIsRegistered(t *testing.T) {
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "vmt"}.NewCodec()
	types.RegisterInterfaces(cdc.InterfaceRegistry())
	require.NoError(t, cdc.InterfaceRegistry().SigningContext().Validate())
	methods := reflect.TypeOf((*types.MsgServer)(nil)).Elem()
	for i := range methods.NumMethod() {
		request := reflect.New(methods.Method(i).Type.In(1).Elem()).Interface().(gogoproto.Message)
		name := gogoproto.MessageName(request)
		resolved, err := cdc.InterfaceRegistry().Resolve("/" + name)
		require.NoError(t, err)
		require.IsType(t, request, resolved)
	}
}
