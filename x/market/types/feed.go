package types

import (
	"encoding/binary"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// SecondsPerMinute turns unix seconds into the minutes of packages.
const SecondsPerMinute = 60

// Leaf is what the Merkle tree of a package is over: sha256 || round uint64 || outcome
// byte || stage uint32, big endian.
func (e FeedEntry) Leaf() []byte {
	leaf := binary.BigEndian.AppendUint64(append([]byte(nil), e.Sha256...), e.Round)
	return binary.BigEndian.AppendUint32(append(leaf, byte(e.Outcome)), e.Stage)
}

var ranges = compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}

// Append adds entries to the package of a head.
func (h *FeedHead) Append(entries ...FeedEntry) error {
	grown, err := ranges.NewRange(0, h.Count, h.Peaks)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := grown.Append(rfc6962.DefaultHasher.HashLeaf(entry.Leaf()), nil); err != nil {
			return err
		}
	}
	h.Count, h.Peaks = grown.End(), grown.Hashes()
	return nil
}

// Package is what the chain records of the head once its minute is over.
func (h FeedHead) Package() (FeedPackage, error) {
	whole, err := ranges.NewRange(0, h.Count, h.Peaks)
	if err != nil {
		return FeedPackage{}, err
	}
	root, err := whole.GetRootHash(nil)
	if err != nil {
		return FeedPackage{}, err
	}
	if h.Count == 0 {
		root = rfc6962.DefaultHasher.EmptyRoot()
	}
	return FeedPackage{Feed: h.Feed, Minute: h.Minute, Count: h.Count, Root: root}, nil
}

// PackageOf recomputes the record of a package from its entries, for whoever was sent one.
func PackageOf(feed string, minute int64, entries []FeedEntry) (FeedPackage, error) {
	head := FeedHead{Feed: feed, Minute: minute}
	if err := head.Append(entries...); err != nil {
		return FeedPackage{}, err
	}
	return head.Package()
}
