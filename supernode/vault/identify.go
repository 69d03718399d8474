package vault

import (
	"context"
	"io"

	"github.com/ipfs/go-cid"
)

// Stored is what the chain records of a ciphertext.
type Stored struct {
	CID         cid.Cid
	Size        int64    // bytes
	StorageRoot [32]byte // RFC 6962 root over chunks of StorageChunkSize
}

// Identify reads a ciphertext to its end and tells what the chain records of it, for whoever
// got one from elsewhere. It stores nothing. Errors: ErrTooLarge above limit bytes, the error
// of r, the cause of ctx.
func Identify(ctx context.Context, r io.Reader, limit int64) (Stored, error) {
	root := newStorageRoot()
	file := &source{ctx: ctx, r: io.TeeReader(r, root), limit: limit}
	id, err := importFile(ctx, file, nil)
	if err != nil {
		return Stored{}, err
	}
	sum, err := root.sum()
	return Stored{CID: id, Size: file.size, StorageRoot: sum}, err
}
