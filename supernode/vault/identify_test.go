package vault

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIdentifyAgreesWithSeal(t *testing.T) {
	v := openOffline(t)
	for _, size := range []int{0, 1, 3 << 20} {
		sealed, err := v.Seal(t.Context(), bytes.NewReader(make([]byte, size)), NewEpochKey().Recipient())
		require.NoError(t, err)
		file, err := v.Ciphertext(t.Context(), sealed.CID)
		require.NoError(t, err)
		content, err := io.ReadAll(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())

		stored, err := Identify(t.Context(), bytes.NewReader(content), sealed.CipherSize)
		require.NoError(t, err)
		require.Equal(t, Stored{sealed.CID, sealed.CipherSize, sealed.StorageRoot}, stored)
		_, err = Identify(t.Context(), bytes.NewReader(content), sealed.CipherSize-1)
		require.ErrorIs(t, err, ErrTooLarge)
		content[len(content)-1] ^= 1
		other, err := Identify(t.Context(), bytes.NewReader(content), sealed.CipherSize)
		require.NoError(t, err)
		require.NotEqual(t, stored.CID, other.CID)
		require.NotEqual(t, stored.StorageRoot, other.StorageRoot)
	}
}
