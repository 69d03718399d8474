package types

import (
	"crypto/sha256"
	"encoding/binary"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	commitmentDomain = "virusmap/attestation/v1"

	// SaltSize is the size of a commitment's salt in bytes.
	SaltSize = 32
)

// CommitmentHash binds an operator to everything it says in a round of a chain:
//
//	SHA-256(domain || len64(chain id) || chain id || round64 || len64(operator) || operator
//	        || salt || canonical attestation)
//
// Integers are big-endian; the canonical attestation is its deterministic protobuf
// encoding, which covers every category, confidence, label, version,
// signature-set digest and feature.
func CommitmentHash(chainID string, round uint64, operator sdk.AccAddress, salt []byte, attestation Attestation) ([]byte, error) {
	if len(salt) != SaltSize {
		return nil, ErrInvalidCommitment.Wrapf("salt has %d bytes, want %d", len(salt), SaltSize)
	}
	canonical, err := attestation.Marshal()
	if err != nil {
		return nil, ErrInvalidAttestation.Wrap(err.Error())
	}
	preimage := []byte(commitmentDomain)
	preimage = appendSized(preimage, []byte(chainID))
	preimage = binary.BigEndian.AppendUint64(preimage, round)
	preimage = appendSized(preimage, operator)
	preimage = append(preimage, salt...)
	preimage = append(preimage, canonical...)
	sum := sha256.Sum256(preimage)
	return sum[:], nil
}

// appendSized appends data behind its length, so that joined fields stay unambiguous.
func appendSized(to, data []byte) []byte {
	return append(binary.BigEndian.AppendUint64(to, uint64(len(data))), data...)
}
