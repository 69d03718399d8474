package command

import (
	"errors"
	"fmt"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// keyring opens the one that has the signing key.
func (t *tool) keyring() (keyring.Keyring, error) {
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	return keyring.New(sdk.KeyringServiceName(), t.settings.KeyringBackend, t.settings.KeyringDir, t.stdin, codec.NewProtoCodec(registry))
}

// sign signs a document that is not a transaction.
func (t *tool) sign(document []byte) ([]byte, cryptotypes.PubKey, error) {
	ring, err := t.keyring()
	if err != nil {
		return nil, nil, fmt.Errorf("keyring: %w", err)
	}
	signature, pubKey, err := ring.Sign(t.settings.Key, document, signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON)
	if err != nil {
		return nil, nil, fmt.Errorf("sign with key %q: %w", t.settings.Key, err)
	}
	if pubKey.Type() != "secp256k1" {
		return nil, nil, errors.New("API keys are authorised by secp256k1 keys only")
	}
	return signature, pubKey, nil
}
