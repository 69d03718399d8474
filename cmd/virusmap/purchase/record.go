package purchase

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// State is how far a purchase is on this side.
type State string

const (
	// Quoted: nothing was sent.
	Quoted State = "quoted"
	// Sent: the payment may be on its way. Only the chain knows.
	Sent State = "sent"
	// Paid: the chain has the order.
	Paid State = "paid"
	// Delivered: the sealed key is here, so that the chain is needed no more.
	Delivered State = "delivered"
	// Done: the sample was written out.
	Done State = "done"
	// Refunded: the price went back to the buyer.
	Refunded State = "refunded"
)

// Record is one purchase on disk. Whoever reads it can open the sample.
type Record struct {
	// Order is the id of the order in hex.
	Order   string `json:"order"`
	State   State  `json:"state"`
	ChainID string `json:"chain_id"`
	Buyer   string `json:"buyer"`
	// SHA256 of the plaintext, in hex.
	SHA256  string `json:"sha256"`
	Product string `json:"product"`
	// Size of the plaintext in bytes.
	Size uint64 `json:"size"`
	// Price in uvmt: that of the quote, and once it is paid that of the order.
	Price uint64 `json:"price"`
	// MaxPrice in uvmt that the buyer agreed to.
	MaxPrice uint64 `json:"max_price"`
	// Bundle it is ordered in, in hex, or empty.
	Bundle  string               `json:"bundle,omitempty"`
	Sealing samplestypes.Sealing `json:"sealing"`
	// Secret is the private half of the one-time key.
	Secret    Hex       `json:"secret"`
	SealedKey Hex       `json:"sealed_key,omitempty"`
	Operator  string    `json:"operator,omitempty"`
	Ending    string    `json:"ending,omitempty"`
	Created   time.Time `json:"created"`
}

// Hex is written as such in JSON.
type Hex []byte

// MarshalText implements encoding.TextMarshaler.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// newRecord makes the one-time pair of a purchase. Nothing is on disk yet.
func newRecord(chainID string, buyer sdk.AccAddress, contentSHA256 string) (*Record, error) {
	content, err := hex.DecodeString(contentSHA256)
	if err != nil {
		return nil, err
	}
	secret, oneTimeKey, err := markettypes.NewOneTimeKey()
	if err != nil {
		return nil, err
	}
	return &Record{
		Order: hex.EncodeToString(markettypes.NewOrderID(buyer, content, oneTimeKey)), State: Quoted,
		ChainID: chainID, Buyer: buyer.String(), SHA256: contentSHA256, Secret: secret, Created: time.Now().UTC(),
	}, nil
}

// id of the order.
func (r *Record) id() []byte {
	id, _ := hex.DecodeString(r.Order) // validate has looked
	return id
}

// item is what orders it.
func (r *Record) item() (markettypes.Item, error) {
	oneTimeKey, err := markettypes.OneTimeKeyOf(r.Secret)
	if err != nil {
		return markettypes.Item{}, err
	}
	content, err := hex.DecodeString(r.SHA256)
	return markettypes.Item{Sha256: content, OneTimeKey: oneTimeKey}, err
}

// validate tells whether the secret is that of the order.
func (r *Record) validate() error {
	item, err := r.item()
	if err != nil {
		return err
	}
	buyer, err := sdk.AccAddressFromBech32(r.Buyer)
	if err != nil {
		return fmt.Errorf("buyer: %w", err)
	}
	id, err := hex.DecodeString(r.Order)
	switch {
	case err != nil:
		return fmt.Errorf("order: %w", err)
	case len(item.Sha256) != 32:
		return fmt.Errorf("sha256 has %d bytes, want 32", len(item.Sha256))
	case !bytes.Equal(id, markettypes.NewOrderID(buyer, item.Sha256, item.OneTimeKey)):
		return errors.New("its secret is not that of its order")
	}
	switch r.State {
	case Quoted, Sent, Paid, Delivered, Done, Refunded:
		return nil
	default:
		return fmt.Errorf("state %.32q is not known", r.State)
	}
}

// unpaid tells that the chain may not have the order yet.
func (r *Record) unpaid() bool { return r.State == Quoted || r.State == Sent }

// Unfinished tells that there is something left to do.
func (r *Record) Unfinished() bool { return r.State != Done && r.State != Refunded }

// fileKey opens the sealed key, and tells whether it is the right one.
func (r *Record) fileKey() (key []byte, right bool) {
	key, err := markettypes.OpenFileKey(r.Secret, markettypes.ExchangeInfo(r.ChainID, r.id()), r.SealedKey)
	return key, err == nil && markettypes.CommitsTo(r.Sealing.KeyCommitment, key)
}
