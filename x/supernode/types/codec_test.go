package types_test

import (
	"encoding/json"
	"reflect"
	"testing"

	gogoproto "github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"cosmossdk.io/api/amino"

	"github.com/cosmos/cosmos-sdk/codec"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/tx/signing/aminojson"

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

// Ledger and Keplr sign the old amino JSON, nodes check the signature over what
// x/tx makes of the message: both must be the same bytes.
func TestBothAminoEncodingsAgree(t *testing.T) {
	legacy := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(legacy)
	encoder := aminojson.NewEncoder(aminojson.EncoderOptions{})
	for name, msg := range messages() {
		t.Run(name, func(t *testing.T) {
			bz, err := legacy.MarshalJSON(msg)
			require.NoError(t, err)
			signed := sorted(t, bz)

			checked, err := encoder.Marshal(dynamic(t, msg))

			require.NoError(t, err)
			require.Equal(t, signed, string(checked))
		})
	}
}

func TestAminoNames(t *testing.T) {
	legacy := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(legacy)
	for name, msg := range messages() {
		t.Run(name, func(t *testing.T) {
			annotated := proto.GetExtension(descriptor(t, msg).Options(), amino.E_Name).(string)
			require.NotEmpty(t, annotated)
			require.LessOrEqual(t, len(annotated), 39, "Ledger shows no more")
			var outer struct{ Type string }
			bz, err := legacy.MarshalJSON(msg)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(bz, &outer))
			require.Equal(t, annotated, outer.Type)
		})
	}
}

// Every request of the message service is registered, and covered above.
func TestEveryMessageIsRegistered(t *testing.T) {
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "vmt"}.NewCodec()
	types.RegisterInterfaces(cdc.InterfaceRegistry())
	require.NoError(t, cdc.InterfaceRegistry().SigningContext().Validate())
	covered := map[string]bool{}
	for _, msg := range messages() {
		covered[gogoproto.MessageName(msg)] = true
	}
	methods := reflect.TypeOf((*types.MsgServer)(nil)).Elem()
	for i := range methods.NumMethod() {
		request := reflect.New(methods.Method(i).Type.In(1).Elem()).Interface().(gogoproto.Message)
		name := gogoproto.MessageName(request)
		require.True(t, covered[name], name)
		resolved, err := cdc.InterfaceRegistry().Resolve("/" + name)
		require.NoError(t, err)
		require.IsType(t, request, resolved)
	}
}

// sorted writes the keys of each object in order, as wallets do before they sign.
func sorted(t *testing.T, bz []byte) string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(bz, &value))
	written, err := json.Marshal(value)
	require.NoError(t, err)
	return string(written)
}

func descriptor(t *testing.T, msg gogoproto.Message) protoreflect.MessageDescriptor {
	t.Helper()
	found, err := gogoproto.HybridResolver.FindDescriptorByName(protoreflect.FullName(gogoproto.MessageName(msg)))
	require.NoError(t, err)
	return found.(protoreflect.MessageDescriptor)
}

func dynamic(t *testing.T, msg gogoproto.Message) proto.Message {
	t.Helper()
	bz, err := gogoproto.Marshal(msg)
	require.NoError(t, err)
	decoded := dynamicpb.NewMessage(descriptor(t, msg))
	require.NoError(t, proto.Unmarshal(bz, decoded))
	return decoded
}
