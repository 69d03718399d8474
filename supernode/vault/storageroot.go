package vault

import (
	"crypto/sha256"

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
	size   int64
	leaf   []byte // RFC 6962 leaf prefix and what there is of the current chunk
	// visit is told every hash of a whole subtree, when it is not nil.
	visit compact.VisitFn
}

func newStorageRoot() *storageRoot {
	factory := compact.RangeFactory{Hash: hashChildren}
	leaf := append(make([]byte, 0, 1+StorageChunkSize), rfc6962.RFC6962LeafHashPrefix)
	return &storageRoot{leaves: factory.NewEmptyRange(0), leaf: leaf}
}

// hashChildren is rfc6962.DefaultHasher.HashChildren without its allocations,
// of which a sample has one for every KiB.
func hashChildren(left, right []byte) []byte {
	node := make([]byte, 0, 1+2*sha256.Size)
	node = append(append(append(node, rfc6962.RFC6962NodeHashPrefix), left...), right...)
	hash := sha256.Sum256(node)
	return hash[:]
}

func (s *storageRoot) Write(p []byte) (int, error) {
	written := len(p)
	s.size += int64(written)
	for len(p) > 0 {
		n := min(cap(s.leaf)-len(s.leaf), len(p))
		s.leaf = append(s.leaf, p[:n]...)
		p = p[n:]
		if len(s.leaf) == cap(s.leaf) {
			if err := s.flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (s *storageRoot) flush() error {
	hash := sha256.Sum256(s.leaf)
	s.leaf = s.leaf[:1]
	return s.leaves.Append(hash[:], s.visit)
}

// sum ends the stream and returns its root.
func (s *storageRoot) sum() (root [32]byte, err error) {
	if len(s.leaf) > 1 { // a chunk that is shorter, the last
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
