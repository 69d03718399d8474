package chaintest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"

	"github.com/virusmap/virusmap/app"
)

// Gas is the gas limit of a transaction that does not say another.
const Gas = 2_000_000

// Account is a key with its address.
type Account struct {
	Key     *secp256k1.PrivKey
	Address sdk.AccAddress
}

// NewAccount derives an account from a name.
func NewAccount(name string) *Account {
	key := secp256k1.GenPrivKeyFromSecret([]byte(name))
	return &Account{Key: key, Address: sdk.AccAddress(key.PubKey().Address())}
}

// Tx is what to sign.
type Tx struct {
	Msgs []sdk.Msg
	// Gas limit; 0 means Gas.
	Gas uint64
	// Fee; nil means the minimum for the gas limit.
	Fee sdk.Coins
	// Free offers no fee, for what the protocol expects.
	Free bool
	// Unordered transactions carry no sequence. They are valid for a minute.
	Unordered bool
}

// Sign returns an ordered transaction of the account that pays the minimum fee.
func (c *Chain) Sign(account *Account, msgs ...sdk.Msg) []byte {
	c.t.Helper()
	return c.SignTx(account, Tx{Msgs: msgs})
}

// SignFree returns an unordered transaction without fee.
func (c *Chain) SignFree(account *Account, gas uint64, msgs ...sdk.Msg) []byte {
	c.t.Helper()
	return c.SignTx(account, Tx{Msgs: msgs, Gas: gas, Free: true, Unordered: true})
}

// SignTx signs with the account's number in the last committed state. Several ordered
// transactions of one account in a row follow each other until the next block.
func (c *Chain) SignTx(account *Account, what Tx) []byte {
	c.t.Helper()
	config := c.App.TxConfig
	builder := config.NewTxBuilder()
	require.NoError(c.t, builder.SetMsgs(what.Msgs...))
	if what.Gas == 0 {
		what.Gas = Gas
	}
	builder.SetGasLimit(what.Gas)
	if what.Fee == nil && !what.Free {
		what.Fee = MinFee(what.Gas)
	}
	builder.SetFeeAmount(what.Fee)

	state := c.App.AccountKeeper.GetAccount(c.Context(), account.Address)
	require.NotNil(c.t, state, "account %s does not exist", account.Address)
	data := authsigning.SignerData{
		Address: account.Address.String(), ChainID: ChainID, PubKey: account.Key.PubKey(),
		AccountNumber: state.GetAccountNumber(),
	}
	if what.Unordered {
		// Each timeout may be used once by an account, so no two are alike.
		c.nonce += time.Microsecond
		builder.SetUnordered(true)
		builder.SetTimeoutTimestamp(c.Time.Add(time.Minute + c.nonce))
	} else {
		data.Sequence = state.GetSequence() + c.signed[data.Address]
		c.signed[data.Address]++
	}
	return sign(c, config, builder, account, data)
}

func sign(c *Chain, config client.TxConfig, builder client.TxBuilder, account *Account, data authsigning.SignerData) []byte {
	c.t.Helper()
	mode := signing.SignMode_SIGN_MODE_DIRECT
	empty := signing.SignatureV2{
		PubKey: data.PubKey, Sequence: data.Sequence, Data: &signing.SingleSignatureData{SignMode: mode},
	}
	// The signer infos are part of what is signed, so they are set before.
	require.NoError(c.t, builder.SetSignatures(empty))
	signature, err := tx.SignWithPrivKey(context.Background(), mode, data, builder, account.Key, config, data.Sequence)
	require.NoError(c.t, err)
	require.NoError(c.t, builder.SetSignatures(signature))
	bz, err := config.TxEncoder()(builder.GetTx())
	require.NoError(c.t, err)
	return bz
}

// MinFee is the fee at the minimum gas price of these chains.
func MinFee(gas uint64) sdk.Coins {
	return sdk.NewCoins(sdk.NewInt64Coin(app.Denom, int64(gas/40+1)))
}
