package types

import (
	"regexp"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/text"
)

// Limits of a profile.
const (
	MaxMonikerBytes   = 64
	MaxEndpoints      = 4
	MaxEndpointBytes  = 128
	MaxPeerIDBytes    = 128
	MaxMultiaddrs     = 8
	MaxMultiaddrBytes = 256
	// MaxRecipientBytes leaves room above the 1959 characters of an age1pq1 recipient.
	MaxRecipientBytes = 2048
)

// An endpoint is an http or https URL of host, optional port and optional path.
// A fixed pattern and not net/url, because what a chain accepts must not change
// with the Go release a node was built with.
var endpointPattern = regexp.MustCompile(`^https?://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$`)

// ParseAddress returns the address in field, or ErrInvalidAddress naming the field.
func ParseAddress(field, bech32 string) (sdk.AccAddress, error) {
	account, err := sdk.AccAddressFromBech32(bech32)
	if err != nil {
		return nil, ErrInvalidAddress.Wrapf("%s %.100q: %v", field, bech32, err)
	}
	return account, nil
}

// ParseRecipient returns ErrInvalidRecipient, naming the field, unless it holds a
// post-quantum age recipient (age1pq1...).
func ParseRecipient(field, recipient string) (*age.HybridRecipient, error) {
	if len(recipient) > MaxRecipientBytes {
		return nil, ErrInvalidRecipient.Wrapf("%s has %d bytes, want at most %d", field, len(recipient), MaxRecipientBytes)
	}
	parsed, err := age.ParseHybridRecipient(recipient)
	if err != nil {
		return nil, ErrInvalidRecipient.Wrapf("%s is not an age1pq1 recipient: %.100s", field, err.Error())
	}
	return parsed, nil
}

// Validate returns ErrInvalidAddress, ErrInvalidProfile or ErrInvalidRecipient
// naming the first field that is wrong.
func (p Profile) Validate() error {
	if _, err := ParseAddress("sidecar", p.Sidecar); err != nil {
		return err
	}
	if err := checkMoniker(p.Moniker); err != nil {
		return err
	}
	if len(p.Endpoints) > MaxEndpoints {
		return ErrInvalidProfile.Wrapf("endpoints: got %d, want at most %d", len(p.Endpoints), MaxEndpoints)
	}
	for i, endpoint := range p.Endpoints {
		if len(endpoint) > MaxEndpointBytes {
			return ErrInvalidProfile.Wrapf("endpoints[%d] has %d bytes, want at most %d", i, len(endpoint), MaxEndpointBytes)
		}
		if !endpointPattern.MatchString(endpoint) {
			return ErrInvalidProfile.Wrapf("endpoints[%d] %q is not an http or https URL of host, port and path", i, endpoint)
		}
	}
	if err := checkPeerID(p.PeerId); err != nil {
		return err
	}
	if len(p.Multiaddrs) > MaxMultiaddrs {
		return ErrInvalidProfile.Wrapf("multiaddrs: got %d, want at most %d", len(p.Multiaddrs), MaxMultiaddrs)
	}
	for i, addr := range p.Multiaddrs {
		if len(addr) > MaxMultiaddrBytes {
			return ErrInvalidProfile.Wrapf("multiaddrs[%d] has %d bytes, want at most %d", i, len(addr), MaxMultiaddrBytes)
		}
		if _, err := multiaddr.NewMultiaddr(addr); err != nil {
			return ErrInvalidProfile.Wrapf("multiaddrs[%d]: %v", i, err)
		}
	}
	_, err := ParseRecipient("recipient", p.Recipient)
	return err
}

func checkMoniker(moniker string) error {
	if size := len(moniker); size < 1 || size > MaxMonikerBytes {
		return ErrInvalidProfile.Wrapf("moniker has %d bytes, want 1 to %d", size, MaxMonikerBytes)
	}
	if !utf8.ValidString(moniker) {
		return ErrInvalidProfile.Wrap("moniker is not UTF-8")
	}
	blank := true
	for _, r := range moniker {
		if !text.Printable(r) {
			return ErrInvalidProfile.Wrapf("moniker holds the unprintable character %U", r)
		}
		blank = blank && r == ' '
	}
	if blank {
		return ErrInvalidProfile.Wrap("moniker is blank")
	}
	return nil
}

func checkPeerID(id string) error {
	if id == "" {
		return nil
	}
	if len(id) > MaxPeerIDBytes {
		return ErrInvalidProfile.Wrapf("peer_id has %d bytes, want at most %d", len(id), MaxPeerIDBytes)
	}
	if _, err := peer.Decode(id); err != nil {
		return ErrInvalidProfile.Wrapf("peer_id %q: %v", id, err)
	}
	return nil
}
