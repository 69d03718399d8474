package types

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// A file key is delivered sealed to a key that its buyer made for this one order: HPKE in
// base mode (RFC 9180) with MLKEM768-X25519 (draft-ietf-hpke-pq), HKDF-SHA256 and
// ChaCha20-Poly1305, and with ExchangeInfo as info, so that a sealed key opens for no other
// order and on no other chain. Opening is deterministic, which lets the chain do it.
const (
	// OneTimeKeySize is the size of a one-time public key: ML-KEM-768 and X25519.
	OneTimeKeySize = 1184 + x25519Size
	// SecretSize is the size of its private half.
	SecretSize = 32
	// FileKeySize is that of an age v1 file key.
	FileKeySize = 16
	// SealedKeySize is HPKE's encapsulated key with the ciphertext and tag of a file key.
	SealedKeySize = 1088 + x25519Size + FileKeySize + 16

	x25519Size     = 32
	exchangeDomain = "virusmap/order/v1"
	orderDomain    = "virusmap/order-id/v1"
	fileKeyDomain  = "virusmap/file-key/v1"
)

// NewOrderID is SHA-256(domain || len(buyer) uint32 || buyer || sha256 || one-time key).
func NewOrderID(buyer sdk.AccAddress, contentSHA256, oneTimeKey []byte) []byte {
	hash := sha256.New()
	hash.Write([]byte(orderDomain))
	hash.Write(binary.BigEndian.AppendUint32(nil, uint32(len(buyer))))
	hash.Write(buyer)
	hash.Write(contentSHA256)
	hash.Write(oneTimeKey)
	return hash.Sum(nil)
}

// ExchangeInfo binds a sealed key to one order: domain || len(chain id) uint32 || chain id || order.
func ExchangeInfo(chainID string, order []byte) []byte {
	info := append([]byte(exchangeDomain), binary.BigEndian.AppendUint32(nil, uint32(len(chainID)))...)
	info = append(info, chainID...)
	return append(info, order...)
}

// NewOneTimeKey makes the pair of an order: the secret to keep and the key to send.
func NewOneTimeKey() (secret, oneTimeKey []byte, err error) {
	private, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, nil, err
	}
	if secret, err = private.Bytes(); err != nil {
		return nil, nil, err
	}
	return secret, private.PublicKey().Bytes(), nil
}

// OneTimeKeyOf returns the public half of a secret.
func OneTimeKeyOf(secret []byte) ([]byte, error) {
	if len(secret) != SecretSize {
		return nil, ErrInvalidKey.Wrapf("secret has %d bytes, want %d", len(secret), SecretSize)
	}
	private, err := hpke.MLKEM768X25519().NewPrivateKey(secret)
	if err != nil {
		return nil, ErrInvalidKey.Wrapf("secret: %s", err)
	}
	return private.PublicKey().Bytes(), nil
}

// ValidateOneTimeKey refuses keys that nothing can be sealed to, for which a supernode
// would be slashed without a fault of its own.
func ValidateOneTimeKey(oneTimeKey []byte) error {
	if len(oneTimeKey) != OneTimeKeySize {
		return ErrInvalidKey.Wrapf("one_time_key has %d bytes, want %d", len(oneTimeKey), OneTimeKeySize)
	}
	if _, err := hpke.MLKEM768X25519().NewPublicKey(oneTimeKey); err != nil {
		return ErrInvalidKey.Wrapf("one_time_key: %s", err)
	}
	if err := refuseLowOrder(oneTimeKey[OneTimeKeySize-x25519Size:]); err != nil {
		return ErrInvalidKey.Wrapf("one_time_key: %s", err)
	}
	return nil
}

// refuseLowOrder refuses points with which every key exchange gives zero. Private keys are
// multiples of the cofactor, so that any of them tells.
func refuseLowOrder(point []byte) error {
	public, err := ecdh.X25519().NewPublicKey(point)
	if err != nil {
		return err
	}
	probe, err := ecdh.X25519().NewPrivateKey(make([]byte, x25519Size))
	if err != nil {
		return err
	}
	if _, err := probe.ECDH(public); err != nil {
		return errors.New("its X25519 half is a point of low order")
	}
	return nil
}

// SealFileKey seals a file key to the one-time key of an order.
func SealFileKey(oneTimeKey, info, fileKey []byte) ([]byte, error) {
	if len(fileKey) != FileKeySize {
		return nil, fmt.Errorf("file key has %d bytes, want %d", len(fileKey), FileKeySize)
	}
	public, err := hpke.MLKEM768X25519().NewPublicKey(oneTimeKey)
	if err != nil {
		return nil, err
	}
	return hpke.Seal(public, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, fileKey)
}

// OpenFileKey undoes SealFileKey.
func OpenFileKey(secret, info, sealed []byte) ([]byte, error) {
	if len(secret) != SecretSize {
		return nil, ErrInvalidKey.Wrapf("secret has %d bytes, want %d", len(secret), SecretSize)
	}
	private, err := hpke.MLKEM768X25519().NewPrivateKey(secret)
	if err != nil {
		return nil, err
	}
	return hpke.Open(private, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, sealed)
}

// CommitsTo tells whether a commitment is SHA-256("virusmap/file-key/v1" || file key).
func CommitsTo(commitment, fileKey []byte) bool {
	hash := sha256.Sum256(append([]byte(fileKeyDomain), fileKey...))
	return string(hash[:]) == string(commitment)
}
