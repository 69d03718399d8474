package moduletest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
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

	"github.com/virusmap/virusmap/testutil/webvectors"
)

// maxAminoName is the longest message name that a Ledger shows.
const maxAminoName = 39

// RequireSignable checks that every message of the proto package has a short amino
// name and one signer, and that the legacy amino encoder, which clients follow, and
// the node's own amino-JSON encoder give the same bytes for the examples. The
// examples must cover every message; they are the web app's vectors as well.
func RequireSignable(t *testing.T, protoPackage string, register func(*codec.LegacyAmino), examples map[string]sdk.Msg) {
	t.Helper()
	names := make(map[string]bool)
	for method := range methods(t, protoPackage) {
		options := method.Input().Options()
		name, ok := googleproto.GetExtension(options, amino.E_Name).(string)
		require.True(t, ok)
		require.NotEmpty(t, name, method.Input().Name())
		require.LessOrEqual(t, len(name), maxAminoName, name)
		require.NotContains(t, names, name)
		names[name] = true

		signers := googleproto.GetExtension(options, msgv1.E_Signer).([]string)
		require.Len(t, signers, 1)
		require.NotNil(t, method.Input().Fields().ByName(protoreflect.Name(signers[0])), "%s has no field %s", method.Input().Name(), signers[0])
	}

	legacy := codec.NewLegacyAmino()
	register(legacy)
	encoder := aminojson.NewEncoder(aminojson.EncoderOptions{FileResolver: proto.HybridResolver})
	covered := make(map[string]bool)
	var vectors []messageVector
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		msg := examples[name]
		old, err := legacy.MarshalJSON(msg)
		require.NoError(t, err, name)
		old = sorted(t, old)
		data, err := proto.Marshal(msg)
		require.NoError(t, err, name)
		dynamic := dynamicpb.NewMessage(find[protoreflect.MessageDescriptor](t, proto.MessageName(msg)))
		require.NoError(t, googleproto.Unmarshal(data, dynamic), name)
		fresh, err := encoder.Marshal(dynamic)
		require.NoError(t, err, name)
		require.Equal(t, string(old), string(fresh), name)
		covered[proto.MessageName(msg)] = true
		vectors = append(vectors, messageVector{name, "/" + proto.MessageName(msg), data, string(fresh)})
	}
	for method := range methods(t, protoPackage) {
		require.Contains(t, covered, string(method.Input().FullName()))
	}
	webvectors.Require(t, "chain/testdata/"+strings.Split(protoPackage, ".")[1]+".json", vectors)
}

// messageVector is one example as it goes into a transaction (base64 in JSON) and as it is signed.
type messageVector struct {
	Name    string `json:"name"`
	TypeURL string `json:"type_url"`
	Proto   []byte `json:"proto"`
	Amino   string `json:"amino"`
}

// sorted writes the keys of each object in order, as wallets do before they sign.
func sorted(t *testing.T, data []byte) []byte {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(data, &value))
	written, err := json.Marshal(value)
	require.NoError(t, err)
	return written
}
