package types

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const exchangeChain = "virusmap-1"

var (
	exchangeOrder = bytes.Repeat([]byte{7}, 32)
	exchangeKey   = []byte("sixteen byte key")
)

func newPair(t testing.TB) (secret, public []byte) {
	t.Helper()
	secret, public, err := NewOneTimeKey()
	require.NoError(t, err)
	return secret, public
}

// What once opened must open for ever, on every node: a toolchain that changed this would
// split the chain at the next dispute.
func TestExchangeVector(t *testing.T) {
	secret := make([]byte, SecretSize)
	for i := range secret {
		secret[i] = byte(i)
	}
	public, err := OneTimeKeyOf(secret)
	require.NoError(t, err)
	hash := sha256.Sum256(public)
	require.Equal(t, "c9a3565ffde4f72b51661be391ee13e46378d7f06dd5c8bf5af9d2cfb5b8336b", hex.EncodeToString(hash[:]))
	text, err := os.ReadFile("testdata/sealed_key.hex")
	require.NoError(t, err)
	sealed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	fileKey, err := OpenFileKey(secret, ExchangeInfo("virusmap-1", make([]byte, 32)), sealed)
	require.NoError(t, err)
	require.Equal(t, "a file key, 16 B", string(fileKey))
}

func TestExchange(t *testing.T) {
	secret, public := newPair(t)
	require.Len(t, secret, SecretSize)
	require.Len(t, public, OneTimeKeySize)
	require.NoError(t, ValidateOneTimeKey(public))
	again, err := OneTimeKeyOf(secret)
	require.NoError(t, err)
	require.Equal(t, public, again)

	info := ExchangeInfo(exchangeChain, exchangeOrder)
	sealed, err := SealFileKey(public, info, exchangeKey)
	require.NoError(t, err)
	require.Len(t, sealed, SealedKeySize)
	for range 2 { // opening draws nothing, so that all nodes agree
		opened, err := OpenFileKey(secret, info, sealed)
		require.NoError(t, err)
		require.Equal(t, exchangeKey, opened)
	}
}

func TestSealedForSomethingElse(t *testing.T) {
	secret, public := newPair(t)
	foreign, _ := newPair(t)
	info := ExchangeInfo(exchangeChain, exchangeOrder)
	sealed, err := SealFileKey(public, info, exchangeKey)
	require.NoError(t, err)
	flipped := func(i int) []byte {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		return changed
	}
	for name, test := range map[string]struct{ secret, info, sealed []byte }{
		"another order":    {secret, ExchangeInfo(exchangeChain, bytes.Repeat([]byte{8}, 32)), sealed},
		"another chain":    {secret, ExchangeInfo("virusmap-2", exchangeOrder), sealed},
		"no info":          {secret, nil, sealed},
		"another's key":    {foreign, info, sealed},
		"ML-KEM half":      {secret, info, flipped(0)},
		"X25519 half":      {secret, info, flipped(1088)},
		"ciphertext":       {secret, info, flipped(1088 + 32)},
		"tag":              {secret, info, flipped(SealedKeySize - 1)},
		"short":            {secret, info, sealed[1:]},
		"long":             {secret, info, append(bytes.Clone(sealed), 0)},
		"empty":            {secret, info, nil},
		"low order point":  {secret, info, make([]byte, SealedKeySize)},
		"secret too short": {secret[1:], info, sealed},
	} {
		t.Run(name, func(t *testing.T) {
			opened, err := OpenFileKey(test.secret, test.info, test.sealed)
			require.Error(t, err)
			require.Empty(t, opened)
		})
	}
}

// The length of the chain's id keeps one pair from reading as another.
func TestExchangeInfoIsUnambiguous(t *testing.T) {
	require.NotEqual(t, ExchangeInfo("a", []byte("bc")), ExchangeInfo("ab", []byte("c")))
	require.Equal(t, "76697275736d61702f6f726465722f76310000000161ff", hex.EncodeToString(ExchangeInfo("a", []byte{0xff})))
}

func TestOneTimeKeyRefusals(t *testing.T) {
	_, public := newPair(t)
	x25519 := func(point string) []byte {
		decoded, err := hex.DecodeString(point)
		require.NoError(t, err)
		return append(bytes.Clone(public[:1184]), decoded...)
	}
	outOfRange := bytes.Clone(public)
	// Two 12-bit coefficients of 4095, above the modulus 3329 of ML-KEM.
	copy(outOfRange, []byte{0xff, 0xff, 0xff})
	for name, test := range map[string]struct {
		key  []byte
		text string
	}{
		"empty":          {nil, "has 0 bytes, want 1216"},
		"short":          {public[1:], "has 1215 bytes, want 1216"},
		"long":           {append(bytes.Clone(public), 0), "has 1217 bytes, want 1216"},
		"out of range":   {outOfRange, "one_time_key"},
		"zero":           {x25519("0000000000000000000000000000000000000000000000000000000000000000"), "low order"},
		"one":            {x25519("0100000000000000000000000000000000000000000000000000000000000000"), "low order"},
		"order 8":        {x25519("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), "low order"},
		"other order 8":  {x25519("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), "low order"},
		"p-1":            {x25519("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), "low order"},
		"p":              {x25519("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), "low order"},
		"p+1":            {x25519("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), "low order"},
		"zero, high bit": {x25519("0000000000000000000000000000000000000000000000000000000000000080"), "low order"},
	} {
		t.Run(name, func(t *testing.T) {
			err := ValidateOneTimeKey(test.key)
			require.ErrorIs(t, err, ErrInvalidKey)
			require.ErrorContains(t, err, test.text)
		})
	}
}

func TestSizesOfKeys(t *testing.T) {
	_, public := newPair(t)
	_, err := SealFileKey(public, nil, exchangeKey[1:])
	require.ErrorContains(t, err, "15 bytes, want 16")
	_, err = SealFileKey(public[1:], nil, exchangeKey)
	require.Error(t, err)
	_, err = OneTimeKeyOf(make([]byte, 31))
	require.ErrorIs(t, err, ErrInvalidKey)
}

// The commitment is a domain and the key, nothing else.
func TestCommitsTo(t *testing.T) {
	commitment, err := hex.DecodeString("e41ebb92a403edca299c0d5d97460076532cf70aa9f8b71fed5ea1842dd4c491")
	require.NoError(t, err)
	require.True(t, CommitsTo(commitment, exchangeKey))
	require.False(t, CommitsTo(commitment, exchangeKey[1:]))
	require.False(t, CommitsTo(commitment[1:], exchangeKey))
	require.False(t, CommitsTo(nil, nil))
}

func TestOrderID(t *testing.T) {
	buyer := bytes.Repeat([]byte{1}, 20)
	id := NewOrderID(buyer, exchangeOrder, exchangeKey)
	require.Len(t, id, 32)
	require.NotEqual(t, id, NewOrderID(append(bytes.Clone(buyer), 7), exchangeOrder[1:], exchangeKey))
	require.NotEqual(t, id, NewOrderID(buyer, exchangeOrder, exchangeKey[1:]))
	require.NotEqual(t, id, NewOrderID(bytes.Repeat([]byte{2}, 20), exchangeOrder, exchangeKey))
}

// To every key that is accepted a file key can be sealed, so that no honest deliverer is at
// the mercy of a buyer.
func FuzzValidateOneTimeKey(f *testing.F) {
	_, public := newPair(f)
	f.Add(public)
	f.Add(public[1:])
	f.Add(make([]byte, OneTimeKeySize))
	f.Add(append(bytes.Clone(public[:1184]), make([]byte, 32)...))
	f.Fuzz(func(t *testing.T, oneTimeKey []byte) {
		if err := ValidateOneTimeKey(oneTimeKey); err != nil {
			require.ErrorIs(t, err, ErrInvalidKey)
			return
		}
		sealed, err := SealFileKey(oneTimeKey, ExchangeInfo(exchangeChain, exchangeOrder), exchangeKey)
		require.NoError(t, err)
		require.Len(t, sealed, SealedKeySize)
	})
}

// Nothing that is delivered stops a node, or opens to two keys.
func FuzzOpenFileKey(f *testing.F) {
	secret := bytes.Repeat([]byte{3}, SecretSize)
	public, err := OneTimeKeyOf(secret)
	require.NoError(f, err)
	info := ExchangeInfo(exchangeChain, exchangeOrder)
	sealed, err := SealFileKey(public, info, exchangeKey)
	require.NoError(f, err)
	f.Add(sealed)
	f.Add(sealed[1:])
	f.Add(make([]byte, SealedKeySize))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		opened, err := OpenFileKey(secret, info, sealed)
		again, againErr := OpenFileKey(secret, info, sealed)
		require.Equal(t, opened, again)
		require.Equal(t, err == nil, againErr == nil)
	})
}
