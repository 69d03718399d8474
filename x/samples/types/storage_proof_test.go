package types_test

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/samples/types"
)

// sealed is a ciphertext of a size, in chunks, with the sealing and audit paths of them.
func sealed(size int) (chunks [][]byte, sealing types.Sealing, proofs []*merkle.Proof) {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	chunks = slices.Collect(slices.Chunk(data, types.ChunkBytes))
	root, proofs := merkle.ProofsFromByteSlices(chunks)
	return chunks, types.Sealing{SizeBytes: uint64(size), StorageRoot: root}, proofs
}

func TestChunks(t *testing.T) {
	for size, want := range map[uint64]uint64{
		0: 0, 1: 1, 1023: 1, 1024: 1, 1025: 2, 4 << 30: 4 << 20, 4<<30 + 1: 4<<20 + 1, 1<<64 - 1: 1 << 54,
	} {
		require.Equal(t, want, types.Chunks(size), size)
	}
}

// Every chunk of every shape of tree can be shown, under its own index only.
func TestVerifyChunk(t *testing.T) {
	for _, size := range []int{1, 1023, 1024, 1025, 2048, 2300, 5 * 1024, 7*1024 + 1} {
		chunks, sealing, proofs := sealed(size)
		for i, chunk := range chunks {
			require.NoError(t, types.VerifyChunk(sealing, uint64(i), chunk, proofs[i].Aunts), "chunk %d of %d bytes", i, size)
			for j := range len(chunks) + 1 {
				if j != i {
					err := types.VerifyChunk(sealing, uint64(j), chunk, proofs[i].Aunts)
					require.ErrorIs(t, err, types.ErrInvalidProof, "chunk %d as %d of %d bytes", i, j, size)
				}
			}
		}
	}
}

func TestVerifyChunkRefuses(t *testing.T) {
	chunks, sealing, proofs := sealed(5 * 1024)
	path := proofs[2].Aunts
	left, right := merkle.HashFromByteSlices(chunks[:4]), merkle.HashFromByteSlices(chunks[4:])
	entry := bytes.Repeat([]byte{9}, sha256.Size)
	for name, test := range map[string]struct {
		sealing types.Sealing
		index   uint64
		content []byte
		path    [][]byte
	}{
		"another chunk":      {sealing, 2, chunks[3], path},
		"shorter chunk":      {sealing, 2, chunks[2][:1023], path},
		"no chunk":           {sealing, 2, nil, path},
		"longer chunk":       {sealing, 2, append(slices.Clone(chunks[2]), 0), path},
		"no path":            {sealing, 2, chunks[2], nil},
		"shorter path":       {sealing, 2, chunks[2], path[1:]},
		"longer path":        {sealing, 2, chunks[2], append(slices.Clone(path), entry)},
		"another path":       {sealing, 2, chunks[2], proofs[3].Aunts},
		"another root":       {types.Sealing{SizeBytes: 5 * 1024, StorageRoot: entry}, 2, chunks[2], path},
		"no root":            {types.Sealing{SizeBytes: 5 * 1024}, 2, chunks[2], path},
		"another size":       {types.Sealing{SizeBytes: 9 * 1024, StorageRoot: sealing.StorageRoot}, 2, chunks[2], path},
		"empty ciphertext":   {types.Sealing{StorageRoot: sealing.StorageRoot}, 0, nil, nil},
		"index out of range": {sealing, 1<<64 - 1, chunks[2], path},
		"inner node as leaf": {types.Sealing{SizeBytes: 64, StorageRoot: sealing.StorageRoot}, 0, slices.Concat(left, right), nil},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, types.VerifyChunk(test.sealing, test.index, test.content, test.path), types.ErrInvalidProof)
		})
	}
}

func TestProveStorageShape(t *testing.T) {
	entries := func(n, bytes int) (path [][]byte) {
		for range n {
			path = append(path, make([]byte, bytes))
		}
		return path
	}
	for name, test := range map[string]struct {
		chunk []byte
		path  [][]byte
		says  string // empty: accepted
	}{
		"largest":     {make([]byte, 1024), entries(40, 32), ""},
		"smallest":    {[]byte{1}, nil, ""},
		"no chunk":    {nil, nil, "chunk: 0 bytes, want 1..1024"},
		"long chunk":  {make([]byte, 1025), nil, "chunk: 1025 bytes, want 1..1024"},
		"long path":   {[]byte{1}, entries(41, 32), "path: 41 entries, at most 40"},
		"short entry": {[]byte{1}, append(entries(1, 32), []byte{1}), "path[1]: 1 bytes, want 32"},
		"empty entry": {[]byte{1}, entries(1, 0), "path[0]: 0 bytes, want 32"},
		"long entry":  {[]byte{1}, entries(3, 33), "path[0]: 33 bytes, want 32"},
	} {
		t.Run(name, func(t *testing.T) {
			err := (&types.MsgProveStorage{Chunk: test.chunk, Path: test.path}).Validate()
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, types.ErrInvalidProof)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// FuzzVerifyChunk: no bytes make it panic, and none but the chunk and its path pass.
func FuzzVerifyChunk(f *testing.F) {
	chunks, sealing, proofs := sealed(5*1024 + 700)
	f.Add(uint64(2), chunks[2], slices.Concat(proofs[2].Aunts...))
	f.Add(uint64(5), chunks[5], slices.Concat(proofs[5].Aunts...))
	f.Add(uint64(3), chunks[2], slices.Concat(proofs[2].Aunts...))
	f.Add(uint64(1<<63), []byte{}, []byte{1})
	f.Fuzz(func(t *testing.T, index uint64, content, aunts []byte) {
		msg := &types.MsgProveStorage{Chunk: content, Path: slices.Collect(slices.Chunk(aunts, sha256.Size))}
		wellFormed := msg.Validate() == nil
		if types.VerifyChunk(sealing, index, msg.Chunk, msg.Path) != nil {
			return
		}
		require.True(t, wellFormed, "what passes has the shape")
		require.Equal(t, chunks[index], content)
		require.Equal(t, slices.Concat(proofs[index].Aunts...), aunts)
	})
}
