package types_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	googleproto "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"cosmossdk.io/api/amino"
	msgv1 "cosmossdk.io/api/cosmos/msg/v1"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/tx/signing/aminojson"

	"github.com/virusmap/virusmap/x/samples/types"
)

// maxAminoName is the longest name that a Ledger shows.
const maxAminoName = 39

func messages() map[string]sdk.Msg {
	signer := account("signer").String()
	full := by(submission("full"), account("contributor"))
	full.ClaimSalt = bytes.Repeat([]byte{7}, types.ClaimSaltBytes)
	params := types.DefaultParams()
	free := params
	free.Deposit.Amount, free.RescanFee.Amount = sdk.NewInt64Coin("uvmt", 0).Amount, sdk.NewInt64Coin("uvmt", 0).Amount
	return map[string]sdk.Msg{
		"submit":        &types.MsgSubmitSamples{Submitter: signer, Samples: []types.Submission{full, submission("bare")}},
		"submit zeroes": &types.MsgSubmitSamples{Submitter: signer, Samples: []types.Submission{{}}},
		"claim":         &types.MsgClaimSubmissions{Claimant: signer, Hashes: [][]byte{full.Sha256, full.ClaimSalt}},
		"claim nothing": &types.MsgClaimSubmissions{Claimant: signer},
		"rescan":        &types.MsgRequestRescan{Requester: signer, Sha256: full.Sha256},
		"block":         &types.MsgBlockSample{Authority: signer, Sha256: full.Sha256, Reason: `a "court" order <1> & more`},
		"params":        &types.MsgUpdateParams{Authority: signer, Params: params},
		"free params":   &types.MsgUpdateParams{Authority: signer, Params: free},
	}
}

func by(s types.Submission, contributor sdk.AccAddress) types.Submission {
	s.Contributor = contributor.String()
	return s
}

// Nodes check amino-JSON signatures with the new encoder, and client libraries write
// what the old one wrote: both must give the same bytes for every message.
func TestAminoJSONEncodersAgree(t *testing.T) {
	legacy := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(legacy)
	encoder := aminojson.NewEncoder(aminojson.EncoderOptions{FileResolver: proto.HybridResolver})

	covered := make(map[string]bool)
	for name, msg := range messages() {
		t.Run(name, func(t *testing.T) {
			old, err := legacy.MarshalJSON(msg)
			require.NoError(t, err)
			old = sortJSON(t, old)

			descriptor, err := proto.HybridResolver.FindDescriptorByName(protoreflect.FullName(proto.MessageName(msg)))
			require.NoError(t, err)
			data, err := proto.Marshal(msg)
			require.NoError(t, err)
			dynamic := dynamicpb.NewMessage(descriptor.(protoreflect.MessageDescriptor))
			require.NoError(t, googleproto.Unmarshal(data, dynamic))
			fresh, err := encoder.Marshal(dynamic)
			require.NoError(t, err)
			require.Equal(t, string(old), string(fresh))
		})
		covered[proto.MessageName(msg)] = true
	}
	for method := range msgMethods(t) {
		require.Contains(t, covered, string(method.Input().FullName()))
	}
}

// sortJSON gives the canonical form that is signed, which has its keys sorted.
func sortJSON(t *testing.T, data []byte) []byte {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(data, &value))
	sorted, err := json.Marshal(value)
	require.NoError(t, err)
	return sorted
}

func TestMessagesCanBeSigned(t *testing.T) {
	names := make(map[string]bool)
	for method := range msgMethods(t) {
		options := method.Input().Options()
		name, ok := googleproto.GetExtension(options, amino.E_Name).(string)
		require.True(t, ok)
		require.NotEmpty(t, name)
		require.LessOrEqual(t, len(name), maxAminoName, name)
		require.NotContains(t, names, name)
		names[name] = true

		signers := googleproto.GetExtension(options, msgv1.E_Signer).([]string)
		require.Len(t, signers, 1)
		field := method.Input().Fields().ByName(protoreflect.Name(signers[0]))
		require.NotNil(t, field, "%s has no field %s", method.Input().Name(), signers[0])
	}
	require.Len(t, names, 5)
}

// msgMethods walks the methods of the Msg service.
func msgMethods(t *testing.T) func(yield func(protoreflect.MethodDescriptor) bool) {
	t.Helper()
	descriptor, err := proto.HybridResolver.FindDescriptorByName("virusmap.samples.v1.Msg")
	require.NoError(t, err)
	methods := descriptor.(protoreflect.ServiceDescriptor).Methods()
	return func(yield func(protoreflect.MethodDescriptor) bool) {
		for i := range methods.Len() {
			if !yield(methods.Get(i)) {
				return
			}
		}
	}
}
