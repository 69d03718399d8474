package vault

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/stretchr/testify/require"
)

func cometRoot(data []byte) []byte {
	return merkle.HashFromByteSlices(slices.Collect(slices.Chunk(data, StorageChunkSize)))
}

func TestStorageRootEqualsCometBFT(t *testing.T) {
	sizes := []int{0, 1, 1023, 1024, 1025, 2048, 1 << 20, 1<<20 + 1}
	for chunks := 3; chunks < 40; chunks++ { // every shape of an unbalanced tree
		sizes = append(sizes, chunks*StorageChunkSize-chunks)
	}
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			data := content(size)
			whole, pieces := newStorageRoot(), newStorageRoot()
			_, err := whole.Write(data)
			require.NoError(t, err)
			_, err = io.CopyBuffer(struct{ io.Writer }{pieces}, iotest.HalfReader(bytes.NewReader(data)), make([]byte, 1500))
			require.NoError(t, err)
			for _, s := range []*storageRoot{whole, pieces} {
				root, err := s.sum()
				require.NoError(t, err)
				require.Equal(t, cometRoot(data), root[:])
			}
		})
	}
}

func TestSealedStorageRootIsOfTheCiphertext(t *testing.T) {
	v := openOffline(t)
	sealed := sealBytes(t, v, content(2<<20+5), NewEpochKey().Recipient())
	file := ciphertext(t, v, sealed.CID)
	require.Equal(t, cometRoot(file), sealed.StorageRoot[:])

	// A chunk and its path, as a storage proof carries them, check on chain.
	chunks := slices.Collect(slices.Chunk(file, StorageChunkSize))
	root, proofs := merkle.ProofsFromByteSlices(chunks)
	require.NoError(t, proofs[len(proofs)-1].Verify(root, chunks[len(chunks)-1]))
	require.NotEqual(t, sha256.Sum256(nil), sealed.StorageRoot)
}
