package similarity

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Domains of the hashes. Whoever changes what a feature is made of raises its version:
// the keys of two versions must never meet.
const (
	domainUnpacked  = "virusmap/similarity/unpacked/v1"
	domainStructure = "virusmap/similarity/structure/v1"
	domainTLSH      = "virusmap/similarity/tlsh/v1"
	domainSSDEEP    = "virusmap/similarity/ssdeep/v1"
)

type key = [verdictstypes.SimilarityKeyBytes]byte

// digestOf is SHA-256 over the domain and the parts, each behind its length (8 bytes,
// big endian).
func digestOf(domain string, parts ...string) [32]byte {
	hash := sha256.New()
	for _, part := range append([]string{domain}, parts...) {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write([]byte(part))
	}
	return [32]byte(hash.Sum(nil))
}

// keyOf is the first bytes of the digest.
func keyOf(domain string, parts ...string) key {
	digest := digestOf(domain, parts...)
	return key(digest[:verdictstypes.SimilarityKeyBytes])
}

// show gives a digest in full and as a key.
func show(digest [32]byte) (string, key) {
	return hex.EncodeToString(digest[:]), key(digest[:verdictstypes.SimilarityKeyBytes])
}
