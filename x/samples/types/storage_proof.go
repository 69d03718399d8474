package types

import (
	"crypto/sha256"

	"github.com/cometbft/cometbft/crypto/merkle"
)

const (
	// ChunkBytes is the size of the leaves under a storage root; the last one of a
	// ciphertext may be shorter.
	ChunkBytes = 1024
	// MaxPathEntries bounds the audit path of a chunk. The largest ciphertext needs 23.
	MaxPathEntries = 40
	// maxSealedBytes is above the size of any ciphertext: that of the largest plaintext
	// with room for headers and tags.
	maxSealedBytes = 2 * maxSizeBytes
)

// Chunks is how many chunks a ciphertext of a size has.
func Chunks(sizeBytes uint64) uint64 {
	return sizeBytes/ChunkBytes + min(sizeBytes%ChunkBytes, 1)
}

// Validate checks all of a storage proof that can be checked without state.
func (m *MsgProveStorage) Validate() error {
	if n := len(m.Chunk); n == 0 || n > ChunkBytes {
		return ErrInvalidProof.Wrapf("chunk: %d bytes, want 1..%d", n, ChunkBytes)
	}
	if n := len(m.Path); n > MaxPathEntries {
		return ErrInvalidProof.Wrapf("path: %d entries, at most %d", n, MaxPathEntries)
	}
	for i, entry := range m.Path {
		if len(entry) != sha256.Size {
			return ErrInvalidProof.Wrapf("path[%d]: %d bytes, want %d", i, len(entry), sha256.Size)
		}
	}
	return nil
}

// VerifyChunk checks that content is the chunk of a ciphertext with the given index, by
// its audit path (RFC 6962, 2.1.1). It gives ErrInvalidProof when it is not.
func VerifyChunk(sealing Sealing, index uint64, content []byte, path [][]byte) error {
	total := Chunks(sealing.SizeBytes)
	if index >= total {
		return ErrInvalidProof.Wrapf("chunk %d: the ciphertext has %d", index, total)
	}
	if want := min(ChunkBytes, sealing.SizeBytes-index*ChunkBytes); uint64(len(content)) != want {
		return ErrInvalidProof.Wrapf("chunk: %d bytes, chunk %d has %d", len(content), index, want)
	}
	proof := merkle.Proof{Total: int64(total), Index: int64(index), LeafHash: leafHash(content), Aunts: path}
	if err := proof.Verify(sealing.StorageRoot, content); err != nil {
		return ErrInvalidProof.Wrapf("path: %s", err)
	}
	return nil
}

// leafHash is the hash of a leaf of RFC 6962, which is the root of a tree of one leaf.
func leafHash(content []byte) []byte {
	return merkle.HashFromByteSlices([][]byte{content})
}
