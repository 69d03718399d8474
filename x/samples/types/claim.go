package types

import (
	"crypto/sha256"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ClaimSaltBytes is the length of the salt that hides a claim.
const ClaimSaltBytes = 32

const claimDomain = "virusmap/claim/v1"

// ClaimHash is the hash by which contributor claims to have a content before showing
// it: SHA-256(domain || sha256 || contributor || salt). The first and last parts have
// fixed lengths, so that no other parts give the same input.
func ClaimHash(contentSHA256 []byte, contributor sdk.AccAddress, salt []byte) []byte {
	h := sha256.New()
	h.Write([]byte(claimDomain))
	h.Write(contentSHA256)
	h.Write(contributor)
	h.Write(salt)
	return h.Sum(nil)
}

// Validate checks the shape of the message: how many hashes, and their lengths.
func (m *MsgClaimSubmissions) Validate(params Params) error {
	if n := len(m.Hashes); n == 0 || n > int(params.MaxSamplesPerMsg) {
		return ErrCount.Wrapf("hashes: %d, want 1..%d", n, params.MaxSamplesPerMsg)
	}
	for i, hash := range m.Hashes {
		if len(hash) != sha256Bytes {
			return ErrInvalidHash.Wrapf("hashes[%d]: %d bytes, want %d", i, len(hash), sha256Bytes)
		}
	}
	return nil
}
