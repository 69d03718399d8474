package community

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	// MaxStatementAge is how far a statement's time may be from now.
	MaxStatementAge = 10 * time.Minute
	// maxStatementBytes is more than the longest id needs.
	maxStatementBytes = 1024

	statementTime = "2006-01-02T15:04:05Z"
)

// Statement is the text that a wallet signs by ADR-036 for what it says here. Its lines are
// the title, chain, account, item, time, and then the details, each "name: value", joined by
// LF; one LF at the end is allowed.
type Statement struct {
	Title   string
	ChainID string
	Account string // bech32
	Item    Item
	Time    time.Time // UTC, to the second
	Details []Detail
}

// Detail is a line that only some statements have.
type Detail struct{ Name, Value string }

// CommentStatement says a text about an item.
func CommentStatement(chainID string, item Item, text string) Statement {
	return Statement{
		Title: "VirusMap comment", ChainID: chainID, Item: item,
		Details: []Detail{{"text-sha256", hexSHA256([]byte(text))}},
	}
}

// VoteStatement gives a verdict on an item.
func VoteStatement(chainID string, item Item, verdict string) Statement {
	return Statement{Title: "VirusMap vote", ChainID: chainID, Item: item, Details: []Detail{{"verdict", verdict}}}
}

// DeleteCommentStatement takes a comment back.
func DeleteCommentStatement(chainID, comment string) Statement {
	return Statement{Title: "VirusMap delete comment", ChainID: chainID, Item: Item{"comment", comment}}
}

// NewCollection stands for the id in the statement of a collection that is being created.
const NewCollection = "new"

// CollectionStatement changes a collection. action is create, update, delete, add or remove;
// data is the JSON of the request's data member as it is sent, empty when there is none.
func CollectionStatement(chainID, collection, action string, data []byte) Statement {
	return Statement{
		Title: "VirusMap collection", ChainID: chainID, Item: Item{"collection", collection},
		Details: []Detail{{"action", action}, {"data-sha256", hexSHA256(data)}},
	}
}

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// String is the text that is signed.
func (s Statement) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nchain: %s\naccount: %s\nitem: %s\ntime: %s", s.Title, s.ChainID, s.Account, s.Item, s.Time.UTC().Format(statementTime))
	for _, detail := range s.Details {
		fmt.Fprintf(&b, "\n%s: %s", detail.Name, detail.Value)
	}
	return b.String()
}

// Signed is a statement with what proves it; bytes are in base64 in JSON.
type Signed struct {
	Statement string `json:"statement"`
	PubKey    []byte `json:"pub_key"`   // compressed secp256k1
	Signature []byte `json:"signature"` // r || s with the lower s
}

// ErrStatement is returned for a statement that does not prove what it has to.
var ErrStatement = errors.New("statement")

// Verify requires that signed is this statement, but for account and time, which it gives;
// that the account signed it; and that its time is at most MaxStatementAge from now. It
// returns the statement with both. Errors: ErrStatement, naming the line.
func (s Statement) Verify(signed Signed, now time.Time) (Statement, error) {
	if len(signed.Statement) > maxStatementBytes {
		return Statement{}, fmt.Errorf("%w: %d bytes, at most %d", ErrStatement, len(signed.Statement), maxStatementBytes)
	}
	given := strings.Split(strings.TrimSuffix(signed.Statement, "\n"), "\n")
	if len(given) != 5+len(s.Details) {
		return Statement{}, fmt.Errorf("%w: %d lines, want %d", ErrStatement, len(given), 5+len(s.Details))
	}
	s.Account = strings.TrimPrefix(given[2], "account: ")
	account, err := sdk.AccAddressFromBech32(s.Account)
	if err != nil || account.String() != s.Account {
		return Statement{}, fmt.Errorf("%w: line 3: account: %.100q is not an address", ErrStatement, s.Account)
	}
	if s.Time, err = time.Parse(statementTime, strings.TrimPrefix(given[4], "time: ")); err != nil {
		return Statement{}, fmt.Errorf("%w: line 5: time: %.60q is not like %s", ErrStatement, given[4], statementTime)
	}
	for i, want := range strings.Split(s.String(), "\n") {
		if given[i] != want {
			return Statement{}, fmt.Errorf("%w: line %d: %.100q, want %.200q", ErrStatement, i+1, given[i], want)
		}
	}
	if age := now.Sub(s.Time); age > MaxStatementAge || age < -MaxStatementAge {
		return Statement{}, fmt.Errorf("%w: time: %s is more than %s from now, %s", ErrStatement,
			s.Time.Format(statementTime), MaxStatementAge, now.UTC().Format(statementTime))
	}
	if err := markettypes.VerifyText(s.Account, signed.Statement, signed.PubKey, signed.Signature); err != nil {
		return Statement{}, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	return s, nil
}
