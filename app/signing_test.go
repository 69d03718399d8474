package app_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/testutil/webvectors"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	// vectorMnemonic is BIP-39's test mnemonic for 256 zero bits.
	vectorMnemonic = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon " +
		"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art"
	vectorPath    = "m/44'/118'/0'/0/0"
	vectorChainID = "virusmap-1"
	vectorMemo    = "a & b <c> \u2028 \"d\""
)

// txVector is a transaction as the node signs it; bytes are in base64.
type txVector struct {
	Name          string `json:"name"`
	Mode          string `json:"mode"`
	AccountNumber uint64 `json:"account_number,string"`
	Sequence      uint64 `json:"sequence,string"`
	Gas           uint64 `json:"gas,string"`
	Fee           string `json:"fee"`
	Amount        string `json:"amount"`
	SignBytes     []byte `json:"sign_bytes"`
	Tx            []byte `json:"tx"`
}

type txVectors struct {
	Mnemonic string     `json:"mnemonic"`
	Path     string     `json:"path"`
	Address  string     `json:"address"`
	ChainID  string     `json:"chain_id"`
	Memo     string     `json:"memo"`
	Txs      []txVector `json:"txs"`
}

// The web app signs the same bytes as the node checks, up to the greatest numbers there are.
func TestTheWebAppSignsWhatTheNodeChecks(t *testing.T) {
	seed, err := hd.Secp256k1.Derive()(vectorMnemonic, "", vectorPath)
	require.NoError(t, err)
	key := hd.Secp256k1.Generate()(seed).(*secp256k1.PrivKey)
	vectors := txVectors{
		Mnemonic: vectorMnemonic, Path: vectorPath, Address: sdk.AccAddress(key.PubKey().Address()).String(),
		ChainID: vectorChainID, Memo: vectorMemo,
	}
	config := chaintest.New(t, chaintest.Config{}).App.TxConfig
	for _, mode := range []signing.SignMode{signing.SignMode_SIGN_MODE_DIRECT, signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON} {
		for _, v := range []txVector{
			{Name: "small", AccountNumber: 7, Sequence: 1, Gas: 200_000, Fee: "5000", Amount: "1000000"},
			{Name: "zero", AccountNumber: 0, Sequence: 0, Gas: 0, Fee: "1", Amount: "1"},
			{Name: "beyond 2^53", AccountNumber: 1<<53 + 1, Sequence: 1<<53 + 3, Gas: 1<<53 + 5, Fee: "9007199254740999", Amount: "9007199254740993"},
			{Name: "greatest", AccountNumber: math.MaxUint64, Sequence: math.MaxUint64, Gas: math.MaxUint64, Fee: "18446744073709551615", Amount: "340282366920938463463374607431768211455"},
		} {
			v.Mode = mode.String()
			fee, ok := sdkmath.NewIntFromString(v.Fee)
			require.True(t, ok)
			amount, ok := sdkmath.NewIntFromString(v.Amount)
			require.True(t, ok)
			builder := config.NewTxBuilder()
			require.NoError(t, builder.SetMsgs(
				&supernodetypes.MsgDelegate{Delegator: vectors.Address, Operator: vectors.Address, Amount: sdk.NewCoin(app.Denom, amount)},
				&banktypes.MsgSend{FromAddress: vectors.Address, ToAddress: vectors.Address, Amount: sdk.NewCoins(sdk.NewCoin(app.Denom, amount))},
			))
			builder.SetGasLimit(v.Gas)
			builder.SetFeeAmount(sdk.NewCoins(sdk.NewCoin(app.Denom, fee)))
			builder.SetMemo(vectorMemo)
			data := authsigning.SignerData{
				Address: vectors.Address, ChainID: vectorChainID, AccountNumber: v.AccountNumber, Sequence: v.Sequence, PubKey: key.PubKey(),
			}
			require.NoError(t, builder.SetSignatures(signing.SignatureV2{
				PubKey: key.PubKey(), Sequence: v.Sequence, Data: &signing.SingleSignatureData{SignMode: mode},
			}))
			v.SignBytes, err = authsigning.GetSignBytesAdapter(context.Background(), config.SignModeHandler(), mode, data, builder.GetTx())
			require.NoError(t, err)
			signature, err := tx.SignWithPrivKey(context.Background(), mode, data, builder, key, config, v.Sequence)
			require.NoError(t, err)
			require.NoError(t, builder.SetSignatures(signature))
			v.Tx, err = config.TxEncoder()(builder.GetTx())
			require.NoError(t, err)
			vectors.Txs = append(vectors.Txs, v)
		}
	}
	webvectors.Require(t, "chain/testdata/txs.json", vectors)
}
