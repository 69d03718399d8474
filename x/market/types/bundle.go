package types

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/text"
)

const (
	// MinBundleSamples is the least that a bundle has.
	MinBundleSamples = 2
	// MaxBundleSamples bounds max_orders_per_msg, and with it what is sold at once.
	MaxBundleSamples    = 100
	maxBundleTitleBytes = 80

	bundleDomain = "virusmap/bundle/v1"
)

// BundleID is SHA-256("virusmap/bundle/v1" || len(creator) uint32 || creator ||
// len(title) uint32 || title || samples).
func BundleID(creator sdk.AccAddress, title string, samples [][]byte) []byte {
	preimage := binary.BigEndian.AppendUint32([]byte(bundleDomain), uint32(len(creator)))
	preimage = append(preimage, creator...)
	preimage = binary.BigEndian.AppendUint32(preimage, uint32(len(title)))
	preimage = append(preimage, title...)
	for _, sample := range samples {
		preimage = append(preimage, sample...)
	}
	id := sha256.Sum256(preimage)
	return id[:]
}

// Validate checks what can be checked without state. A bundle has no more samples than one
// message can order.
func (m *MsgCreateBundle) Validate(params Params) error {
	return validateBundle(m.Title, m.Samples, int(params.MaxOrdersPerMsg))
}

func validateBundle(title string, samples [][]byte, most int) error {
	if title == "" || len(title) > maxBundleTitleBytes || !text.IsPrintable(title) {
		return ErrInvalidBundle.Wrapf("title: %.100q, want 1..%d bytes of printable UTF-8", title, maxBundleTitleBytes)
	}
	if n := len(samples); n < MinBundleSamples || n > most {
		return ErrInvalidBundle.Wrapf("samples: %d, want %d..%d", n, MinBundleSamples, most)
	}
	for i, sample := range samples {
		if len(sample) != sha256.Size {
			return ErrInvalidBundle.Wrapf("samples[%d]: %d bytes, want %d", i, len(sample), sha256.Size)
		}
		if i > 0 && bytes.Compare(samples[i-1], sample) >= 0 {
			return ErrInvalidBundle.Wrapf("samples[%d]: %x does not come after %x", i, sample, samples[i-1])
		}
	}
	return nil
}

// Matches refuses items that are not the samples of the bundle, each once, in any order.
func (b Bundle) Matches(items []Item) error {
	if len(items) != len(b.Samples) {
		return ErrInvalidBundle.Wrapf("items: %d, but bundle %x has %d samples", len(items), b.Id, len(b.Samples))
	}
	ordered := make([][]byte, len(items))
	for i, item := range items {
		ordered[i] = item.Sha256
	}
	slices.SortFunc(ordered, bytes.Compare)
	for i, sample := range b.Samples {
		if !bytes.Equal(ordered[i], sample) {
			return ErrInvalidBundle.Wrapf("items: are not the samples of bundle %x, which has %x", b.Id, sample)
		}
	}
	return nil
}

// Discounted is the price in uvmt of one sample of a bundle, at least 1 uvmt.
func (p Params) Discounted(price uint64) uint64 {
	return max(1, price-mulDiv(price, uint64(p.BundleDiscountPpm), ppm))
}
