package types_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func identity(t testing.TB, number byte) *age.HybridIdentity {
	t.Helper()
	secret, err := bech32.ConvertAndEncode("age-secret-key-pq-", bytes.Repeat([]byte{number}, 32))
	require.NoError(t, err)
	parsed, err := age.ParseHybridIdentity(strings.ToUpper(secret))
	require.NoError(t, err)
	return parsed
}

func sealed(t testing.TB, to *age.HybridIdentity, payload string) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to.Recipient())
	require.NoError(t, err)
	_, err = io.WriteString(w, payload)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return file.Bytes()
}

// FuzzReport: no sealed key and no proof make the chain fail otherwise than by refusing the
// report, the answer is the same each time, and a right key is never proven wrong.
func FuzzReport(f *testing.F) {
	holder, key := identity(f, 2), identity(f, 100)
	right := sealed(f, holder, key.String()+"\n")
	fileKey, err := age.DecryptHeader(right, holder)
	require.NoError(f, err)
	f.Add(right, fileKey, "")
	f.Add(right, []byte{}, holder.String())
	f.Add(sealed(f, holder, "junk"), []byte{}, holder.String())
	f.Add([]byte("age-encryption.org/v1\n-> mlkem768x25519 AAAA\n\n--- "+strings.Repeat("A", 43)+"\n"), make([]byte, 16), "")
	f.Add([]byte{}, make([]byte, 16), "AGE-SECRET-KEY-PQ-1")
	f.Fuzz(func(t *testing.T, file, fileKey []byte, secret string) {
		msg := &types.MsgReportVaultKey{FileKey: fileKey, Identity: secret}
		if len(file) > types.MaxSealedKeyBytes || msg.CheckProof() != nil || !msg.HasProof() {
			return
		}
		key := types.SealedKey{Sealed: file, RecipientHash: types.RecipientHash(holder.Recipient().String())}
		published := identity(t, 100).Recipient().String()
		first := msg.Proves(key, published)
		if first != nil {
			require.ErrorIs(t, first, types.ErrInvalidReport)
		}
		require.Equal(t, first == nil, msg.Proves(key, published) == nil)
		if bytes.Equal(file, right) {
			require.Error(t, first)
		}
	})
}

// FuzzSealedKeys: what a message may carry, the chain can read again as genesis.
func FuzzSealedKeys(f *testing.F) {
	f.Add(sealed(f, identity(f, 2), "payload"))
	f.Add([]byte("age-encryption.org/v1\n-> X25519 AAAA\n\n--- " + strings.Repeat("A", 43) + "\n"))
	f.Add([]byte("age-encryption.org/v1\n---"))
	f.Fuzz(func(t *testing.T, file []byte) {
		key := types.SealedKey{Epoch: 1, Operator: account(1), Sealed: file}
		if _, err := types.ParseSealedKeys([]types.SealedKey{key}); err != nil {
			require.ErrorIs(t, err, types.ErrInvalidSealedKeys)
			return
		}
		require.LessOrEqual(t, len(file), types.MaxSealedKeyBytes)
		_, err := key.Validate("sealed")
		require.NoError(t, err)
	})
}
