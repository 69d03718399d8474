package vault

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/stretchr/testify/require"
)

// verify checks a proof as the chain does.
func (p StorageProof) verify(root []byte, index, chunks int) error {
	proof := merkle.Proof{Total: int64(chunks), Index: int64(index), LeafHash: merkle.HashFromByteSlices([][]byte{p.Chunk}), Aunts: p.Path}
	return proof.Verify(root, p.Chunk)
}

// Every chunk of every shape of tree, with full and with short last chunks.
func TestEveryChunkProves(t *testing.T) {
	for chunks := 1; chunks <= 33; chunks++ {
		for _, size := range []int{chunks * StorageChunkSize, chunks*StorageChunkSize - 1023} {
			data := content(size)
			want := slices.Collect(slices.Chunk(data, StorageChunkSize))
			for index := range want {
				proof, err := proveStorage(bytes.NewReader(data), uint64(index))
				require.NoError(t, err)
				require.Equal(t, want[index], proof.Chunk)
				require.NoError(t, proof.verify(cometRoot(data), index, chunks), "chunk %d of %d", index, chunks)
				require.Equal(t, cometRoot(data), proof.Root[:])
			}
			_, err := proveStorage(bytes.NewReader(data), uint64(len(want)))
			require.ErrorContains(t, err, fmt.Sprintf("chunk %d of %d", chunks, chunks))
		}
	}
	_, err := proveStorage(bytes.NewReader(nil), 0)
	require.Error(t, err, "an empty file has no chunk")
}

func TestProofOfASealedSample(t *testing.T) {
	v := openOffline(t)
	sealed := sealBytes(t, v, content(3<<20+5), NewEpochKey().Recipient())
	chunks := int((sealed.CipherSize + StorageChunkSize - 1) / StorageChunkSize)
	for _, index := range []int{0, 1, 1023, 1024, chunks - 2, chunks - 1} {
		proof, err := v.ProveStorage(context.Background(), sealed.CID, uint64(index))
		require.NoError(t, err)
		require.NoError(t, proof.verify(sealed.StorageRoot[:], index, chunks), "chunk %d", index)
	}
}

func TestNoProofOfADamagedFile(t *testing.T) {
	v := openOffline(t)
	sealed := sealBytes(t, v, content(3<<20), NewEpochKey().Recipient())
	damaged := blockFiles(t, v.cfg.Dir)[0]
	require.NoError(t, os.Truncate(damaged, 10))
	_, err := v.ProveStorage(context.Background(), sealed.CID, 0)
	require.Error(t, err, filepath.Base(damaged))
}
