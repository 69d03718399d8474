package types

import (
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
)

const (
	// MaxCIDBytes bounds a binary CID before it is parsed.
	MaxCIDBytes = 64
	// maxCIDText bounds a CID in text; base2, the longest multibase, needs 8 per byte.
	maxCIDText = 1 + 8*MaxCIDBytes

	sha256Bytes = 32
)

// ValidateCID checks that data is exactly one CIDv1 over a 32-byte SHA2-256 multihash
// with the codec dag-pb or raw, which is what adding a file to IPFS gives.
func ValidateCID(data []byte) error {
	if len(data) == 0 || len(data) > MaxCIDBytes {
		return ErrInvalidCID.Wrapf("%d bytes, want 1..%d", len(data), MaxCIDBytes)
	}
	id, err := cid.Cast(data)
	if err != nil {
		return ErrInvalidCID.Wrap(err.Error())
	}
	prefix := id.Prefix()
	switch {
	case prefix.Version != 1:
		return ErrInvalidCID.Wrapf("version %d, want 1", prefix.Version)
	case prefix.Codec != cid.DagProtobuf && prefix.Codec != cid.Raw:
		return ErrInvalidCID.Wrapf("codec 0x%x, want dag-pb (0x70) or raw (0x55)", prefix.Codec)
	case prefix.MhType != multihash.SHA2_256 || prefix.MhLength != sha256Bytes:
		return ErrInvalidCID.Wrapf("multihash 0x%x of %d bytes, want sha2-256 (0x12) of 32", prefix.MhType, prefix.MhLength)
	}
	return nil
}

// ParseCID reads a CID from its text form in any multibase and gives its bytes.
func ParseCID(text string) ([]byte, error) {
	if len(text) > maxCIDText {
		return nil, ErrInvalidCID.Wrapf("%d characters, at most %d", len(text), maxCIDText)
	}
	id, err := cid.Decode(text)
	if err != nil {
		return nil, ErrInvalidCID.Wrap(err.Error())
	}
	if err := ValidateCID(id.Bytes()); err != nil {
		return nil, err
	}
	return id.Bytes(), nil
}
