package vault

import (
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// StorageChunkSize is the size in bytes of the leaves under a storage root; the
// last leaf of a file may be shorter.
const StorageChunkSize = 1024

// storageRoot computes the RFC 6962 Merkle root over the chunks of what is
// written to it, in memory that grows with the logarithm of the length. It
// equals CometBFT's merkle.HashFromByteSlices, which the chain checks against.
type storageRoot struct {
	leaves *compact.Range
	chunk  []byte
}

func newStorageRoot() *storageRoot {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &storageRoot{leaves: factory.NewEmptyRange(0), chunk: make([]byte, 0, StorageChunkSize)}
}

func (s *storageRoot) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(StorageChunkSize-len(s.chunk), len(p))
		s.chunk = append(s.chunk, p[:n]...)
		p = p[n:]
		if len(s.chunk) == StorageChunkSize {
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

// sum ends the stream and returns its root.
func (s *storageRoot) sum() (root [32]byte, err error) {
	if len(s.chunk) > 0 {
		if err := s.flush(); err != nil {
			return root, err
		}
	}
	hash, err := s.leaves.GetRootHash(nil)
	if err != nil {
		return root, err
	}
	if hash == nil {
		hash = rfc6962.DefaultHasher.EmptyRoot()
	}
	copy(root[:], hash)
	return root, nil
}
