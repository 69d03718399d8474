package types

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/text"
)

const (
	// MaxStatementLifetime is the longest time from issued to expires.
	MaxStatementLifetime = 366 * 24 * time.Hour
	// maxStatementAhead is by how much a wallet's clock may be ahead.
	maxStatementAhead = 5 * time.Minute

	maxStatementBytes = 512
	maxChainIDBytes   = 50 // that of CometBFT
	statementTitle    = "VirusMap API key"
	statementTime     = "2006-01-02T15:04:05Z"
)

// Statement authorises an API key for what an account bought. A wallet signs its text by
// ADR-036, which no transaction can be made of.
type Statement struct {
	ChainID string
	Account string
	// KeyHash is SHA-256 of the API key.
	KeyHash         [sha256.Size]byte
	Issued, Expires time.Time
}

// String is the text that is signed, with times in UTC to the second.
func (s Statement) String() string {
	return fmt.Sprintf("%s\nchain: %s\naccount: %s\nkey: %x\nissued: %s\nexpires: %s\n", statementTitle,
		s.ChainID, s.Account, s.KeyHash, s.Issued.UTC().Format(statementTime), s.Expires.UTC().Format(statementTime))
}

// ParseStatement reads a text that String wrote; ErrInvalidStatement names the line of any
// other. It checks neither who signed it nor when.
func ParseStatement(statement string) (Statement, error) {
	if len(statement) > maxStatementBytes {
		return Statement{}, ErrInvalidStatement.Wrapf("%d bytes, want at most %d", len(statement), maxStatementBytes)
	}
	lines := strings.Split(statement, "\n")
	if len(lines) != 7 || lines[0] != statementTitle || lines[6] != "" {
		return Statement{}, ErrInvalidStatement.Wrapf("want 6 lines that end with LF, the first %q", statementTitle)
	}
	var values [5]string
	for i, name := range [...]string{"chain", "account", "key", "issued", "expires"} {
		value, found := strings.CutPrefix(lines[i+1], name+": ")
		if !found {
			return Statement{}, ErrInvalidStatement.Wrapf("line %d: does not begin with %q", i+2, name+": ")
		}
		values[i] = value
	}
	parsed := Statement{ChainID: values[0], Account: values[1]}
	if err := parsed.parseValues(values[2], values[3], values[4]); err != nil {
		return Statement{}, err
	}
	if parsed.String() != statement {
		return Statement{}, ErrInvalidStatement.Wrap("is not written as it would be: hex in lower case, times in UTC to the second")
	}
	return parsed, nil
}

func (s *Statement) parseValues(key, issued, expires string) error {
	if s.ChainID == "" || len(s.ChainID) > maxChainIDBytes || !text.IsPrintable(s.ChainID) {
		return ErrInvalidStatement.Wrapf("chain: %.64q, want 1..%d printable bytes", s.ChainID, maxChainIDBytes)
	}
	account, err := sdk.AccAddressFromBech32(s.Account)
	if err != nil || account.String() != s.Account {
		return ErrInvalidStatement.Wrapf("account: %.100q is not an address", s.Account)
	}
	hash, err := hex.DecodeString(key)
	if err != nil || len(hash) != sha256.Size {
		return ErrInvalidStatement.Wrapf("key: %.80q is not the hex of a SHA-256", key)
	}
	copy(s.KeyHash[:], hash)
	if s.Issued, err = time.Parse(statementTime, issued); err != nil {
		return ErrInvalidStatement.Wrapf("issued: %.40q is not like %s", issued, statementTime)
	}
	if s.Expires, err = time.Parse(statementTime, expires); err != nil {
		return ErrInvalidStatement.Wrapf("expires: %.40q is not like %s", expires, statementTime)
	}
	return nil
}

// SignDoc is what a wallet signs: the document of ADR-036 in canonical amino JSON.
func SignDoc(statement Statement) []byte {
	return SignTextDoc(statement.Account, statement.String())
}

// Verify reads a statement and requires that its time has not passed, that pubKey, a
// compressed secp256k1 key, is that of its account, and that signature, r || s with the
// lower s, is over SHA-256(SignDoc). Else it returns ErrInvalidStatement. The caller compares
// the chain, and asks it whether the account revoked what it had issued.
func Verify(statement string, pubKey, signature []byte, now time.Time) (Statement, error) {
	parsed, err := ParseStatement(statement)
	if err != nil {
		return Statement{}, err
	}
	if err := parsed.checkTime(now); err != nil {
		return Statement{}, err
	}
	if err := VerifyText(parsed.Account, statement, pubKey, signature); err != nil {
		return Statement{}, err
	}
	return parsed, nil
}

func (s Statement) checkTime(now time.Time) error {
	switch {
	case s.Issued.After(now.Add(maxStatementAhead)):
		return ErrInvalidStatement.Wrapf("issued: %s is to come, now is %s", s.Issued.Format(statementTime), now.UTC().Format(statementTime))
	case !now.Before(s.Expires):
		return ErrInvalidStatement.Wrapf("expires: %s is over, now is %s", s.Expires.Format(statementTime), now.UTC().Format(statementTime))
	case !s.Expires.After(s.Issued) || s.Expires.Sub(s.Issued) > MaxStatementLifetime:
		return ErrInvalidStatement.Wrapf("expires: %s after issued, want above 0 and at most %s", s.Expires.Sub(s.Issued), MaxStatementLifetime)
	}
	return nil
}
