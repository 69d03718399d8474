// Package receipt is what a gateway signs for a submission: that it holds it and will bring
// it on chain. Who has one can show later what a gateway promised.
package receipt

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// MaxBytes bounds the JSON of one receipt.
const MaxBytes = 8 << 10

const (
	title      = "VirusMap receipt"
	timeFormat = "2006-01-02T15:04:05Z"

	maxWord    = 32 // bytes of kind and channel
	maxChainID = 50 // as CometBFT has it
)

// ErrInvalid is returned for what is no receipt of its gateway.
var ErrInvalid = errors.New("receipt")

// Receipt is a promise of a gateway. Its statement says the same as its fields:
//
//	VirusMap receipt
//	chain: <chain id>
//	gateway: <bech32>
//	kind: <file|url>
//	sha256: <hex>
//	size: <bytes>
//	contributor: <bech32>
//	channel: <web|wallet|mobile|extension|api|feed>
//	known: <true|false>
//	time: <RFC 3339, UTC, seconds>
//
// with LF after each line but the last. It is signed by ADR-036 with the gateway's chain key.
type Receipt struct {
	SHA256 string `json:"sha256"` // of the content, in hex
	Kind   string `json:"kind"`
	Size   int64  `json:"size"` // bytes
	// Contributor is the account for which it was submitted: the gateway's own when its
	// uploader named none.
	Contributor string `json:"contributor"`
	Channel     string `json:"channel"`
	// Known tells that somebody had submitted it before, who is credited.
	Known   bool   `json:"known"`
	Time    int64  `json:"time"` // unix seconds
	ChainID string `json:"chain_id"`
	Gateway string `json:"gateway"` // bech32 address of the account that signs

	Statement string `json:"statement"`
	PubKey    []byte `json:"pub_key"`   // compressed secp256k1, base64 in JSON
	Signature []byte `json:"signature"` // r || s with the lower s, base64 in JSON
}

// Text is the statement that the fields make.
func (r Receipt) Text() string {
	return fmt.Sprintf("%s\nchain: %s\ngateway: %s\nkind: %s\nsha256: %s\nsize: %d\ncontributor: %s\nchannel: %s\nknown: %t\ntime: %s",
		title, r.ChainID, r.Gateway, r.Kind, r.SHA256, r.Size, r.Contributor, r.Channel, r.Known,
		time.Unix(r.Time, 0).UTC().Format(timeFormat))
}

// Sign completes a receipt whose other fields are set; sign signs for its gateway.
func (r Receipt) Sign(sign func(document []byte) (signature, pubKey []byte, err error)) (Receipt, error) {
	r.Statement = r.Text()
	var err error
	r.Signature, r.PubKey, err = sign(markettypes.SignTextDoc(r.Gateway, r.Statement))
	return r, err
}

// Verify requires that the receipt is well-formed, that the statement says what the fields
// say, and that the gateway's key signed it. The caller compares the chain and the content,
// and decides whether that gateway is one to believe. Errors: ErrInvalid, naming the field.
func (r Receipt) Verify() error {
	if err := r.validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if r.Statement != r.Text() {
		return fmt.Errorf("%w: statement: it says something else than the other fields", ErrInvalid)
	}
	if err := markettypes.VerifyText(r.Gateway, r.Statement, r.PubKey, r.Signature); err != nil {
		return fmt.Errorf("%w: signature: %w", ErrInvalid, err)
	}
	return nil
}

func (r Receipt) validate() error {
	hash, err := hex.DecodeString(r.SHA256)
	switch {
	case err != nil || hex.EncodeToString(hash) != r.SHA256 || len(hash) != 32:
		return fmt.Errorf("sha256: %.80q is not the hex of a SHA-256 in lower case", r.SHA256)
	case !isWord(r.Kind):
		return fmt.Errorf("kind: %.40q is not a word", r.Kind)
	case !isWord(r.Channel):
		return fmt.Errorf("channel: %.40q is not a word", r.Channel)
	case r.Size < 0:
		return fmt.Errorf("size: %d is negative", r.Size)
	case r.Time < 0 || r.Time > 1<<40:
		return fmt.Errorf("time: %d is out of range", r.Time)
	case r.ChainID == "" || len(r.ChainID) > maxChainID:
		return fmt.Errorf("chain_id: %d bytes, want 1..%d", len(r.ChainID), maxChainID)
	}
	for name, address := range map[string]string{"gateway": r.Gateway, "contributor": r.Contributor} {
		account, err := sdk.AccAddressFromBech32(address)
		if err != nil || account.String() != address {
			return fmt.Errorf("%s: %.100q is not an address", name, address)
		}
	}
	return nil
}

// isWord keeps line ends out of the statement.
func isWord(text string) bool {
	for _, c := range []byte(text) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return text != "" && len(text) <= maxWord
}

// Decode reads one receipt of JSON. Fields of newer releases are ignored; Verify tells
// whether it is worth anything.
func Decode(data []byte) (Receipt, error) {
	if len(data) > MaxBytes {
		return Receipt{}, fmt.Errorf("%w: %d bytes, at most %d", ErrInvalid, len(data), MaxBytes)
	}
	var r Receipt
	if err := json.Unmarshal(data, &r); err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return r, nil
}

// Write appends a receipt as a line of JSON.
func (r Receipt) Write(w io.Writer) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
