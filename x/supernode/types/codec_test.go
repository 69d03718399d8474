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
		"register":        &types.MsgRegister{Operator: account(1), Profile: validProfile(), SelfBond: bond},
		"register, empty": &types.MsgRegister{SelfBond: none},
		"edit":            &types.MsgEdit{Operator: account(1), Profile: validProfile()},
		"edit, empty":     &types.MsgEdit{},
		"add bond":        &types.MsgAddBond{Operator: account(1), Amount: bond},
		"add bond, empty": &types.MsgAddBond{Amount: none},
		"retire":          &types.MsgRetire{Operator: account(1)},
		"retire, empty":   &types.MsgRetire{},
		"publish":         &types.MsgPublishVaultKey{Sidecar: account(1), Operator: account(2), Epoch: 1, Recipient: recipient(), Sealed: sealed},
		"publish, empty":  &types.MsgPublishVaultKey{},
		"seal":            &types.MsgSealVaultKey{Sidecar: account(1), Operator: account(2), Sealed: sealed},
		"seal, empty":     &types.MsgSealVaultKey{},

		"report":                     &types.MsgReportVaultKey{Sidecar: account(1), Operator: account(2), Epoch: 1, FileKey: []byte{1}, Identity: "x"},
		"report, empty":              &types.MsgReportVaultKey{},
		"set commission":             &types.MsgSetCommission{Operator: account(1), CommissionPpm: 7},
		"set commission, empty":      &types.MsgSetCommission{},
		"unjail":                     &types.MsgUnjail{Operator: account(1)},
		"unjail, empty":              &types.MsgUnjail{},
		"delegate":                   &types.MsgDelegate{Delegator: account(1), Operator: account(2), Amount: bond},
		"delegate, empty":            &types.MsgDelegate{Amount: none},
		"redelegate":                 &types.MsgRedelegate{Delegator: account(1), Operator: account(2), Destination: account(3), Amount: bond},
		"redelegate, empty":          &types.MsgRedelegate{Amount: none},
		"undelegate":                 &types.MsgUndelegate{Delegator: account(1), Operator: account(2), Amount: bond},
		"undelegate, empty":          &types.MsgUndelegate{Amount: none},
		"withdraw rewards":           &types.MsgWithdrawRewards{Delegator: account(1), Operator: account(2)},
		"withdraw rewards, empty":    &types.MsgWithdrawRewards{},
		"withdraw commission":        &types.MsgWithdrawCommission{Operator: account(1)},
		"withdraw commission, empty": &types.MsgWithdrawCommission{},
		"fund":                       &types.MsgFundRewards{Sender: account(1), Operator: account(2), Amount: bond},
		"fund, empty":                &types.MsgFundRewards{Amount: none},

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
