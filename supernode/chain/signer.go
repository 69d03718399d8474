package chain

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// signer is the key that pays for and signs transactions.
type signer struct {
	keyring keyring.Keyring
	name    string
	address sdk.AccAddress
	gas     sdk.DecCoins
	// account number on the chain, once it is known; 0 is asked for again.
	account atomic.Uint64
}

// openSigner finds the key, or returns nil when none is configured.
func openSigner(cfg Config, cdc codec.Codec) (*signer, error) {
	if cfg.Key == "" {
		return nil, nil
	}
	ring, err := openKeyring(cfg, cdc)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	record, err := ring.Key(cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("keyring: key %q: %w", cfg.Key, err)
	}
	pubKey, err := record.GetPubKey()
	if err != nil {
		return nil, fmt.Errorf("keyring: key %q: %w", cfg.Key, err)
	}
	gas, err := sdk.ParseDecCoins(cfg.GasPrices)
	if err != nil {
		return nil, fmt.Errorf("gas prices %q: %w", cfg.GasPrices, err)
	}
	return &signer{
		keyring: ring, name: cfg.Key,
		address: sdk.AccAddress(pubKey.Address()), gas: gas,
	}, nil
}

// Sign signs a document that is not a transaction with the key of Address, and gives the
// compressed public key too. Errors: ErrNoKey.
func (c *Client) Sign(document []byte) (signature, pubKey []byte, err error) {
	if c.signer == nil {
		return nil, nil, ErrNoKey
	}
	signature, key, err := c.signer.keyring.Sign(c.signer.name, document, signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON)
	if err != nil {
		return nil, nil, fmt.Errorf("chain: sign: %w", err)
	}
	return signature, key.Bytes(), nil
}

func openKeyring(cfg Config, cdc codec.Codec) (keyring.Keyring, error) {
	if cfg.Keyring != nil {
		return cfg.Keyring, nil
	}
	switch cfg.KeyringBackend {
	case keyring.BackendTest, keyring.BackendFile:
		return keyring.New(sdk.KeyringServiceName(), cfg.KeyringBackend, cfg.KeyringDir, os.Stdin, cdc)
	case keyring.BackendMemory:
		ring := keyring.NewInMemory(cdc)
		path := hd.CreateHDPath(sdk.GetConfig().GetCoinType(), 0, 0).String()
		_, _, err := ring.NewMnemonic(cfg.Key, keyring.English, path, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
		return ring, err
	default:
		return nil, fmt.Errorf("backend %q, want test, file or memory", cfg.KeyringBackend)
	}
}
