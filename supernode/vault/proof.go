package vault

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
)

// StorageProof shows that one chunk belongs to a stored file.
type StorageProof struct {
	// Chunk is StorageChunkSize bytes; the last one of a file may be shorter.
	Chunk []byte
	// Path is the RFC 6962 audit path from the chunk to Root, the chunk's sibling first.
	// It is what CometBFT calls the aunts.
	Path [][]byte
	// Root is the storage root of what is stored. Whether it is the promised one is for
	// the caller to check.
	Root [32]byte
}

// ProveStorage proves chunk number index of the file under c, fetching it from peers
// when it is missing. It reads the file once and keeps only the hashes of the path.
//
// Errors: as Unseal; an index behind the end of the file.
func (v *Vault) ProveStorage(ctx context.Context, c cid.Cid, index uint64) (StorageProof, error) {
	file, err := v.Ciphertext(ctx, c)
	if err != nil {
		return StorageProof{}, err
	}
	defer file.Close()
	proved, err := proveStorage(file, index)
	if err != nil {
		return StorageProof{}, fmt.Errorf("vault: prove %s: %w", c, err)
	}
	return proved, nil
}

func proveStorage(file io.ReadSeeker, index uint64) (StorageProof, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return StorageProof{}, err
	}
	chunks := (uint64(size) + StorageChunkSize - 1) / StorageChunkSize
	path, err := proof.Inclusion(index, chunks)
	if err != nil {
		return StorageProof{}, fmt.Errorf("chunk %d of %d: %w", index, chunks, err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return StorageProof{}, err
	}
	// The bytes of the chunk pass by like all others; wanted hashes are caught as they form.
	begin := int64(index * StorageChunkSize)
	wanted := &window{begin: begin, left: int(min(StorageChunkSize, size-begin))}
	root, hashes := newStorageRoot(), make([][]byte, len(path.IDs))
	positions := make(map[compact.NodeID]int, len(path.IDs))
	for i, id := range path.IDs {
		positions[id] = i
	}
	root.visit = func(id compact.NodeID, hash []byte) {
		if i, ok := positions[id]; ok {
			hashes[i] = hash
		}
	}
	if _, err := io.Copy(io.MultiWriter(root, wanted), file); err != nil {
		return StorageProof{}, err
	}
	if root.size != size {
		return StorageProof{}, fmt.Errorf("%d bytes were read of %d", root.size, size)
	}
	result := StorageProof{Chunk: wanted.bytes}
	if result.Root, err = root.sum(); err != nil {
		return StorageProof{}, err
	}
	for i, hash := range hashes {
		if len(hash) != sha256.Size {
			return StorageProof{}, fmt.Errorf("hash %d of the path never formed", i)
		}
	}
	result.Path, err = path.Rehash(hashes, hashChildren)
	return result, err
}

// window keeps the bytes from begin on of what is written to it.
type window struct {
	begin int64
	left  int
	bytes []byte
}

func (w *window) Write(p []byte) (int, error) {
	written := len(p)
	skip := min(w.begin, int64(len(p)))
	w.begin -= skip
	p = p[skip:]
	take := min(w.left, len(p))
	w.left -= take
	w.bytes = append(w.bytes, p[:take]...)
	return written, nil
}
