package types

import (
	"bytes"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// MaxReasonBytes bounds the reason of a take-down.
const MaxReasonBytes = 256

// MaxAddressBytes bounds an account address: keys give 20 bytes, derived accounts 32.
const MaxAddressBytes = 32

// Sizes of the age v1 format (https://age-encryption.org/v1): after the header come a
// nonce and chunks of 64 KiB, each with a tag; empty content has one empty chunk.
const (
	ageNonceBytes     = 16
	ageTagBytes       = 16
	ageChunkBytes     = 64 << 10
	ageMaxHeaderBytes = 64 << 10
)

// Conclusion is what a verdict round says of one sample: Valid is false when its
// ciphertext does not open to the content it was submitted for.
type Conclusion struct {
	SHA256 []byte
	Valid  bool
	// Opened tells that the round found out what the content is.
	Opened bool
}

// ParseAddress reads an account address; field names it in the error.
func ParseAddress(field, text string) (sdk.AccAddress, error) {
	addr, err := sdk.AccAddressFromBech32(text)
	if err != nil {
		return nil, sdkerrors.ErrInvalidAddress.Wrapf("%s: %s", field, err)
	}
	if len(addr) > MaxAddressBytes {
		return nil, sdkerrors.ErrInvalidAddress.Wrapf("%s: %d bytes, at most %d", field, len(addr), MaxAddressBytes)
	}
	return addr, nil
}

// ValidateSHA256 checks the length of a content's hash.
func ValidateSHA256(sha256 []byte) error {
	if len(sha256) != sha256Bytes {
		return ErrInvalidHash.Wrapf("sha256: %d bytes, want %d", len(sha256), sha256Bytes)
	}
	return nil
}

// Validate checks the shape of the message: how many samples, each of them, and that
// no hash comes twice.
func (m *MsgSubmitSamples) Validate(params Params) error {
	if n := len(m.Samples); n == 0 || n > int(params.MaxSamplesPerMsg) {
		return ErrCount.Wrapf("samples: %d, want 1..%d", n, params.MaxSamplesPerMsg)
	}
	first := make(map[string]int, len(m.Samples))
	for i, submission := range m.Samples {
		if err := submission.Validate(params); err != nil {
			return errorsmod.Wrapf(err, "samples[%d]", i)
		}
		if j, seen := first[string(submission.Sha256)]; seen {
			return ErrDuplicate.Wrapf("samples[%d].sha256: %x is also samples[%d]", i, submission.Sha256, j)
		}
		first[string(submission.Sha256)] = i
	}
	return nil
}

// Validate checks all of a submission that can be checked without state.
func (s Submission) Validate(params Params) error {
	if err := ValidateSHA256(s.Sha256); err != nil {
		return err
	}
	if s.Contributor != "" {
		if _, err := ParseAddress("contributor", s.Contributor); err != nil {
			return err
		}
	}
	if n := len(s.ClaimSalt); n != 0 && n != ClaimSaltBytes {
		return ErrInvalidSubmission.Wrapf("claim_salt: %d bytes, want 0 or %d", n, ClaimSaltBytes)
	}
	if s.SizeBytes > params.MaxSizeBytes {
		return ErrInvalidSubmission.Wrapf("size_bytes: %d, at most %d", s.SizeBytes, params.MaxSizeBytes)
	}
	return validateContent(s.Kind, s.SizeBytes, s.Sealing)
}

// Describes tells whether the submission is the one the record was made from: a retry,
// and not another ciphertext or another description of the same hash.
func (s Submission) Describes(sample Sample) bool {
	return s.Kind == sample.Kind && s.SizeBytes == sample.SizeBytes && s.Sealing.equal(sample.Sealing)
}

func validateContent(kind Kind, size uint64, sealing Sealing) error {
	if _, known := Kind_name[int32(kind)]; !known || kind == KIND_UNSPECIFIED {
		return ErrInvalidSubmission.Wrapf("kind: %s is not known", kind)
	}
	return errorsmod.Wrap(sealing.validate(size), "sealing")
}

// validate checks a sealing against the size of the plaintext, which must be below
// the bound of max_size_bytes.
func (s Sealing) validate(plaintext uint64) error {
	if err := ValidateCID(s.Cid); err != nil {
		return errorsmod.Wrap(err, "cid")
	}
	if len(s.KeyCommitment) != sha256Bytes {
		return ErrInvalidSubmission.Wrapf("key_commitment: %d bytes, want %d", len(s.KeyCommitment), sha256Bytes)
	}
	if len(s.StorageRoot) != sha256Bytes {
		return ErrInvalidSubmission.Wrapf("storage_root: %d bytes, want %d", len(s.StorageRoot), sha256Bytes)
	}
	chunks := max(1, (plaintext+ageChunkBytes-1)/ageChunkBytes)
	payload := ageNonceBytes + plaintext + chunks*ageTagBytes
	if s.SizeBytes <= payload || s.SizeBytes > payload+ageMaxHeaderBytes {
		return ErrInvalidSubmission.Wrapf("size_bytes: an age file of %d bytes has %d..%d, not %d",
			plaintext, payload+1, payload+ageMaxHeaderBytes, s.SizeBytes)
	}
	return nil
}

func (s Sealing) equal(other Sealing) bool {
	return s.SizeBytes == other.SizeBytes && s.VaultEpoch == other.VaultEpoch &&
		bytes.Equal(s.Cid, other.Cid) &&
		bytes.Equal(s.KeyCommitment, other.KeyCommitment) &&
		bytes.Equal(s.StorageRoot, other.StorageRoot)
}

// Payer is the account that paid the deposit and gets it back.
func (s Sample) Payer() string {
	if s.Gateway != "" {
		return s.Gateway
	}
	return s.Contributor
}

// ReplaceContributor credits another account. Who paid the deposit stays its payer.
func (s *Sample) ReplaceContributor(contributor string) {
	payer := s.Payer()
	s.Contributor, s.Gateway = contributor, payer
	if payer == contributor {
		s.Gateway = ""
	}
}

// Validate checks a whole record, as a genesis file brings it.
func (s Sample) Validate() error {
	if _, err := ParseAddress("contributor", s.Contributor); err != nil {
		return err
	}
	if s.Gateway != "" {
		if _, err := ParseAddress("gateway", s.Gateway); err != nil {
			return err
		}
	}
	if s.SizeBytes > maxSizeBytes {
		return ErrInvalidSubmission.Wrapf("size_bytes: %d, at most %d", s.SizeBytes, uint64(maxSizeBytes))
	}
	if err := validateContent(s.Kind, s.SizeBytes, s.Sealing); err != nil {
		return err
	}
	if !s.Status.Known() {
		return ErrStatus.Wrapf("status: %s is not known", s.Status)
	}
	if s.Deposit.IsNil() || s.Deposit.IsNegative() || s.Deposit.GT(maxAmount) {
		return ErrInvalidSubmission.Wrapf("deposit: %s is not in 0..%s", s.Deposit, maxAmount)
	}
	if s.Deposit.IsPositive() && (s.Status == STATUS_FINAL || s.Status == STATUS_INVALID) {
		return ErrInvalidSubmission.Wrapf("deposit: %s is still held in %s", s.Deposit, s.Status)
	}
	return nil
}

// Known tells whether a record may have the status.
func (s Status) Known() bool {
	_, known := Status_name[int32(s)]
	return known && s != STATUS_UNSPECIFIED
}

// ValidateReason checks the reason of a take-down.
func ValidateReason(reason string) error {
	if n := len(reason); n == 0 || n > MaxReasonBytes {
		return ErrInvalidReason.Wrapf("reason: %d bytes, want 1..%d", n, MaxReasonBytes)
	}
	if !utf8.ValidString(reason) {
		return ErrInvalidReason.Wrap("reason: not UTF-8")
	}
	return nil
}

// StoredBytes is the size of the ciphertext that must be stored, 0 unless a round opened it.
func (s Sample) StoredBytes() uint64 {
	if !s.Opened {
		return 0
	}
	return s.Sealing.SizeBytes
}
