package types

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

const signatureSize = 64

// SignTextDoc is what a wallet signs of a text by ADR-036, which no transaction can be made
// of: a document in canonical amino JSON that names the account.
func SignTextDoc(account, text string) []byte {
	return signDoc(account, text)
}

// signDoc needs no escapes: data is base64, and signer an address.
func signDoc(signer, data string) []byte {
	return fmt.Appendf(nil, `{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"",`+
		`"msgs":[{"type":"sign/MsgSignData","value":{"data":"%s","signer":"%s"}}],"sequence":"0"}`,
		base64.StdEncoding.EncodeToString([]byte(data)), signer)
}

// VerifyText requires that pubKey, a compressed secp256k1 key, is that of account, a bech32
// address, and that signature, r || s with the lower s, is over SHA-256(SignTextDoc). Else it
// returns ErrInvalidStatement. It knows nothing of what the text says.
func VerifyText(account, text string, pubKey, signature []byte) error {
	if len(pubKey) != secp256k1.PubKeySize {
		return ErrInvalidStatement.Wrapf("public key has %d bytes, want %d", len(pubKey), secp256k1.PubKeySize)
	}
	if len(signature) != signatureSize {
		return ErrInvalidStatement.Wrapf("signature has %d bytes, want %d", len(signature), signatureSize)
	}
	key := secp256k1.PubKey{Key: bytes.Clone(pubKey)}
	if owner := sdk.AccAddress(key.Address()).String(); owner != account {
		return ErrInvalidStatement.Wrapf("account: %.100s, but the public key is that of %s", account, owner)
	}
	if !key.VerifySignature(SignTextDoc(account, text), signature) {
		return ErrInvalidStatement.Wrap("signature is not one of this statement by its account")
	}
	return nil
}
