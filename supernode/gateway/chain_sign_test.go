package gateway

import "github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

// gatewayKey is the scripted chain's account.
var gatewayKey = secp256k1.GenPrivKeyFromSecret([]byte("gateway"))

func (c *scriptedChain) Sign(document []byte) (signature, pubKey []byte, err error) {
	signature, err = gatewayKey.Sign(document)
	return signature, gatewayKey.PubKey().Bytes(), err
}
