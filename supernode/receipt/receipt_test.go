package receipt

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

var gatewayKey = secp256k1.GenPrivKeyFromSecret([]byte("gateway"))

func sign(document []byte) (signature, pubKey []byte, err error) {
	signature, err = gatewayKey.Sign(document)
	return signature, gatewayKey.PubKey().Bytes(), err
}

func signed(t testing.TB) Receipt {
	t.Helper()
	address := sdk.AccAddress(gatewayKey.PubKey().Address()).String()
	r, err := Receipt{
		SHA256: strings.Repeat("ab", 32), Kind: "file", Size: 68, Contributor: address, Channel: "web",
		Time: 1_900_000_000, ChainID: "virusmap-test-1", Gateway: address,
	}.Sign(sign)
	require.NoError(t, err)
	return r
}

// The text is what wallets and other programs sign and check: it must never change.
func TestStatementOfAReceipt(t *testing.T) {
	r := signed(t)
	require.Equal(t, "VirusMap receipt\nchain: virusmap-test-1\ngateway: "+r.Gateway+"\nkind: file\nsha256: "+r.SHA256+
		"\nsize: 68\ncontributor: "+r.Gateway+"\nchannel: web\nknown: false\ntime: 2030-03-17T17:46:40Z", r.Statement)
	require.NoError(t, r.Verify())
	encoded, err := json.Marshal(r)
	require.NoError(t, err)
	again, err := Decode(encoded)
	require.NoError(t, err)
	require.NoError(t, again.Verify())
}

func TestNothingOfAReceiptCanBeChanged(t *testing.T) {
	other := sdk.AccAddress(secp256k1.GenPrivKeyFromSecret([]byte("other")).PubKey().Address()).String()
	for name, change := range map[string]func(*Receipt){
		"sha256":      func(r *Receipt) { r.SHA256 = strings.Repeat("cd", 32) },
		"upper case":  func(r *Receipt) { r.SHA256 = strings.ToUpper(r.SHA256) },
		"kind":        func(r *Receipt) { r.Kind = "url" },
		"lines":       func(r *Receipt) { r.Kind = "file\nsize: 1"; r.Statement = r.Text() },
		"size":        func(r *Receipt) { r.Size++ },
		"contributor": func(r *Receipt) { r.Contributor = other },
		"channel":     func(r *Receipt) { r.Channel = "api" },
		"known":       func(r *Receipt) { r.Known = true },
		"time":        func(r *Receipt) { r.Time++ },
		"year 30000":  func(r *Receipt) { r.Time = 1 << 60 },
		"chain":       func(r *Receipt) { r.ChainID = "virusmap-1" },
		"gateway":     func(r *Receipt) { r.Gateway = other; r.Statement = r.Text() },
		"statement":   func(r *Receipt) { r.Statement += "\n" },
		"all fields":  func(r *Receipt) { r.Size++; r.Statement = r.Text() },
		"public key":  func(r *Receipt) { r.PubKey[5] ^= 1 },
		"signature":   func(r *Receipt) { r.Signature[5] ^= 1 },
		"no key":      func(r *Receipt) { r.PubKey = nil },
	} {
		r := signed(t)
		change(&r)
		require.ErrorIs(t, r.Verify(), ErrInvalid, name)
	}
}

func TestLargeReceiptsAreRefused(t *testing.T) {
	_, err := Decode([]byte(`{"kind":"` + strings.Repeat("a", MaxBytes) + `"}`))
	require.ErrorIs(t, err, ErrInvalid)
}

func FuzzDecode(f *testing.F) {
	encoded, err := json.Marshal(signed(f))
	require.NoError(f, err)
	f.Add(encoded)
	f.Add([]byte(`{"pub_key":"AAAA"}`))
	want := signed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err == nil && r.Verify() == nil && r.Gateway == want.Gateway && r.Text() != want.Text() {
			t.Fatalf("forged: %q", data)
		}
	})
}
