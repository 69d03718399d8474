package chain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func TestSignsTextsForItsAccount(t *testing.T) {
	cfg := Config{GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1", ChainID: "x"}
	reader, err := Dial(t.Context(), cfg)
	require.NoError(t, err)
	defer reader.Close()
	_, _, err = reader.Sign([]byte("document"))
	require.ErrorIs(t, err, ErrNoKey)

	cfg.Key, cfg.KeyringBackend, cfg.GasPrices = "key", keyring.BackendMemory, "0.025uvmt"
	c, err := Dial(t.Context(), cfg)
	require.NoError(t, err)
	defer c.Close()
	signature, pubKey, err := c.Sign(markettypes.SignTextDoc(c.Address().String(), "a text"))
	require.NoError(t, err)
	require.NoError(t, markettypes.VerifyText(c.Address().String(), "a text", pubKey, signature))
	require.Error(t, markettypes.VerifyText(c.Address().String(), "another text", pubKey, signature))
}
