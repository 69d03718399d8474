package purchase

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	chunk "github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	unixfsio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// errOtherContent means that what was fetched is not what the chain has a record of.
var errOtherContent = errors.New("not the ciphertext that the chain has a record of")

// verify reads a whole ciphertext and compares it with its record: the size, the storage
// root, which binds every byte, and the CID as unixfs-v1-2025 (IPIP-499) gives it, which is
// the way of the vault.
func verify(ctx context.Context, file io.Reader, sealing samplestypes.Sealing) error {
	root := newStorageRoot()
	var size uint64
	counted := readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		n, err := file.Read(p)
		size += uint64(n)
		return n, err
	})
	id, err := importCID(io.TeeReader(counted, root))
	if err != nil {
		return err
	}
	sum, err := root.sum()
	switch {
	case err != nil:
		return err
	case size != sealing.SizeBytes:
		return fmt.Errorf("%w: %d bytes, want %d", errOtherContent, size, sealing.SizeBytes)
	case !bytes.Equal(sum, sealing.StorageRoot):
		return fmt.Errorf("%w: storage root %x, want %x", errOtherContent, sum, sealing.StorageRoot)
	case !bytes.Equal(id.Bytes(), sealing.Cid):
		return fmt.Errorf("%w: CID %s by the profile unixfs-v1-2025, want another", errOtherContent, id)
	}
	return nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// importCID is what an IPFS tool would name a file.
func importCID(file io.Reader) (cid.Cid, error) {
	profile := unixfsio.UnixFS_v1_2025
	params := helpers.DagBuilderParams{
		Maxlinks: profile.FileDAGWidth, RawLeaves: profile.RawLeaves, CidBuilder: profile.CidBuilder(), Dagserv: nowhere{},
	}
	builder, err := params.New(chunk.NewSizeSplitter(file, profile.ChunkSize))
	if err != nil {
		return cid.Undef, err
	}
	root, err := balanced.Layout(builder)
	if err != nil {
		return cid.Undef, err
	}
	return root.Cid(), nil
}

// nowhere keeps no block. The importer calls no other method.
type nowhere struct{ ipld.DAGService }

func (nowhere) Add(context.Context, ipld.Node) error { return nil }

// storageRoot is the RFC 6962 root over chunks of 1 KiB of what is written to it.
type storageRoot struct {
	leaves *compact.Range
	chunk  []byte
}

func newStorageRoot() *storageRoot {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &storageRoot{factory.NewEmptyRange(0), make([]byte, 0, vault.StorageChunkSize)}
}

func (s *storageRoot) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(cap(s.chunk)-len(s.chunk), len(p))
		s.chunk, p = append(s.chunk, p[:n]...), p[n:]
		if len(s.chunk) == cap(s.chunk) {
			if err := s.flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (s *storageRoot) flush() error {
	err := s.leaves.Append(rfc6962.DefaultHasher.HashLeaf(s.chunk), nil)
	s.chunk = s.chunk[:0]
	return err
}

func (s *storageRoot) sum() ([]byte, error) {
	if len(s.chunk) > 0 {
		if err := s.flush(); err != nil {
			return nil, err
		}
	}
	if s.leaves.End() == 0 {
		return rfc6962.DefaultHasher.EmptyRoot(), nil
	}
	return s.leaves.GetRootHash(nil)
}
