package types

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/text"
)

const (
	// MaxRuleBytes bounds a YARA rule.
	MaxRuleBytes = 4096
	// MaxMatches bounds the samples that a bounty remembers at one time.
	MaxMatches = 16
	// MaxDoubtfulMatches bounds those of them whose truth would not pay, so that what
	// somebody sends in to match everything cannot crowd out what is wanted.
	MaxDoubtfulMatches = 4

	minFamilyBytes = 2
	maxFamilyBytes = 64
	bountyDomain   = "virusmap/bounty/v1"
)

// BountyID is SHA-256("virusmap/bounty/v1" ‖ kind (1 byte) ‖ len64(target) ‖ target ‖ funder).
func BountyID(kind BountyKind, target string, funder sdk.AccAddress) []byte {
	preimage := append([]byte(bountyDomain), byte(kind))
	preimage = binary.BigEndian.AppendUint64(preimage, uint64(len(target)))
	preimage = append(append(preimage, target...), funder...)
	id := sha256.Sum256(preimage)
	return id[:]
}

// Wanted tells that bounties of the kind pay who brings a sample, and not engines.
func (k BountyKind) Wanted() bool { return k != BOUNTY_KIND_SAMPLE }

// Validate checks what can be checked without state; ErrInvalidBounty and
// ErrInvalidAmount name the field and its limit.
func (m *MsgPostBounty) Validate(params Params) error {
	if err := ValidateTarget(m.Kind, m.Target); err != nil {
		return err
	}
	if m.Stage != 0 && !m.Kind.Wanted() {
		return ErrInvalidBounty.Wrapf("stage: %d, but a bounty on a sample is judged when it ends, want 0", m.Stage)
	}
	if s := m.DurationSeconds; s < params.MinBountySeconds || s > params.MaxBountySeconds {
		return ErrInvalidBounty.Wrapf("duration_seconds: %d, want %d..%d", s, params.MinBountySeconds, params.MaxBountySeconds)
	}
	return params.checkBountyAmount(m.Amount)
}

// Validate checks what can be checked without state.
func (m *MsgTopUpBounty) Validate(params Params) error {
	if err := validateBountyID("id", m.Id); err != nil {
		return err
	}
	return params.checkBountyAmount(m.Amount)
}

func (p Params) checkBountyAmount(amount sdk.Coin) error {
	if amount.Denom != Denom || amount.Amount.IsNil() || !amount.Amount.IsPositive() || amount.Amount.LT(p.MinBounty.Amount) {
		return ErrInvalidAmount.Wrapf("amount: %s, want %s or more, above 0", amount, p.MinBounty)
	}
	return nil
}

func validateBountyID(field string, id []byte) error {
	if len(id) != sha256.Size {
		return ErrInvalidBounty.Wrapf("%s: %d bytes, want %d", field, len(id), sha256.Size)
	}
	return nil
}

// ValidateTarget wants the one way in which a target of the kind is written, so that
// equal targets have equal ids.
func ValidateTarget(kind BountyKind, target string) error {
	switch kind {
	case BOUNTY_KIND_SAMPLE:
		return validateHex(target, "a SHA-256", 64)
	case BOUNTY_KIND_HASH:
		return validateHex(target, "an MD5, a SHA-1 or a SHA-256", 32, 40, 64)
	case BOUNTY_KIND_FAMILY:
		return validateFamily(target)
	case BOUNTY_KIND_YARA:
		return validateRule(target)
	default:
		return ErrInvalidBounty.Wrapf("kind: %s is not known", kind)
	}
}

func validateHex(target, what string, lengths ...int) error {
	if strings.ToLower(target) != target {
		return ErrInvalidBounty.Wrap("target: has upper case; write the hash in lower case")
	}
	if _, err := hex.DecodeString(target); err != nil {
		return ErrInvalidBounty.Wrapf("target: %.80q is not hex", target)
	}
	for _, length := range lengths {
		if len(target) == length {
			return nil
		}
	}
	return ErrInvalidBounty.Wrapf("target: %d hex digits, want %s with one of %v", len(target), what, lengths)
}

func validateFamily(target string) error {
	if n := len(target); n < minFamilyBytes || n > maxFamilyBytes {
		return ErrInvalidBounty.Wrapf("target: a family of %d bytes, want %d..%d", n, minFamilyBytes, maxFamilyBytes)
	}
	for _, c := range []byte(target) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("._-", rune(c)) {
			return ErrInvalidBounty.Wrapf("target: a family is of [a-z0-9._-], not %q", target)
		}
	}
	return nil
}

// validateRule leaves the syntax to the supernodes: a rule that does not compile matches
// nothing, and the bounty is refunded.
func validateRule(target string) error {
	if n := len(target); n == 0 || n > MaxRuleBytes {
		return ErrInvalidBounty.Wrapf("target: a rule of %d bytes, want 1..%d", n, MaxRuleBytes)
	}
	if !utf8.ValidString(target) {
		return ErrInvalidBounty.Wrap("target: the rule is not UTF-8")
	}
	for at, r := range target {
		if r != '\n' && r != '\t' && !text.Printable(r) {
			return ErrInvalidBounty.Wrapf("target: the rule has %U at byte %d, want printable text, \\n and \\t", r, at)
		}
	}
	return nil
}
