package app_test

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

func checkTx(t *testing.T, chain *chaintest.Chain, tx []byte) *abci.ResponseCheckTx {
	t.Helper()
	response, err := chain.App.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
	require.NoError(t, err)
	return response
}

func send(from, to *chaintest.Account, amount int64) sdk.Msg {
	return banktypes.NewMsgSend(from.Address, to.Address, sdk.NewCoins(sdk.NewInt64Coin(app.Denom, amount)))
}

func TestFees(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Accounts: 2})
	from, to := chain.Accounts[0], chain.Accounts[1]
	chain.Blocks(1)
	for _, test := range []struct {
		name string
		fee  sdk.Coins
		free bool
		want string
	}{
		{name: "minimum", fee: chaintest.MinFee(chaintest.Gas)},
		{name: "another denomination", fee: sdk.NewCoins(sdk.NewInt64Coin("uatom", 1_000_000)), want: `"uatom" is not accepted, only "uvmt" is`},
		{name: "two denominations", fee: chaintest.MinFee(chaintest.Gas).Add(sdk.NewInt64Coin("uatom", 1)), want: `"uatom" is not accepted`},
		{name: "too little", fee: sdk.NewCoins(sdk.NewInt64Coin(app.Denom, 1)), want: "insufficient fees"},
		{name: "none", free: true, want: "insufficient fees"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tx := chain.SignTx(from, chaintest.Tx{
				Msgs: []sdk.Msg{send(from, to, 1)}, Fee: test.fee, Free: test.free, Unordered: true,
			})
			response := checkTx(t, chain, tx)
			if test.want == "" {
				require.Zero(t, response.Code, response.Log)
				return
			}
			require.Equal(t, sdkerrors.ErrInsufficientFee.ABCICode(), response.Code)
			require.Contains(t, response.Log, test.want)
		})
	}
}

// The fees of a block are with their collector when the block ends, and handed out
// in the next one, as if every transaction had paid them directly.
func TestCollectedFees(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Accounts: 3})
	chain.Blocks(2)
	collector := authtypes.NewModuleAddress(authtypes.FeeCollectorName)
	supply := chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom)
	before := chain.App.BankKeeper.GetBalance(chain.Context(), chain.Accounts[0].Address, app.Denom)

	txs := make([][]byte, 0, 20)
	for i := range 20 {
		from := chain.Accounts[i%2]
		txs = append(txs, chain.Sign(from, send(from, chain.Accounts[2], 5)))
	}
	chain.Run(txs...)
	fee := chaintest.MinFee(chaintest.Gas).AmountOf(app.Denom)
	require.Equal(t, fee.MulRaw(20), chain.App.BankKeeper.GetBalance(chain.Context(), collector, app.Denom).Amount)
	require.Equal(t, before.Amount.Sub(fee.MulRaw(10)).SubRaw(50),
		chain.App.BankKeeper.GetBalance(chain.Context(), chain.Accounts[0].Address, app.Denom).Amount)
	require.Equal(t, supply, chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom))
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))

	chain.Blocks(1)
	require.True(t, chain.App.BankKeeper.GetBalance(chain.Context(), collector, app.Denom).IsZero())
}

func TestUnorderedTransactionsRunOnce(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Accounts: 2})
	from, to := chain.Accounts[0], chain.Accounts[1]
	chain.Blocks(1)
	sign := func() []byte {
		return chain.SignTx(from, chaintest.Tx{Msgs: []sdk.Msg{send(from, to, 1)}, Unordered: true})
	}
	first, second := sign(), sign()
	chain.Run(second, first)

	replayed := chain.Block(first).TxResults[0]
	require.NotZero(t, replayed.Code)
	require.Contains(t, replayed.Log, "already used")
	twice := chain.Block(append([][]byte{sign()}, second)...).TxResults
	require.Zero(t, twice[0].Code, twice[0].Log)
	require.NotZero(t, twice[1].Code)

	late := sign()
	chain.BlockAfter(2 * 60 * chaintest.BlockInterval)
	expired := chain.Block(late).TxResults[0]
	require.NotZero(t, expired.Code)
	require.Contains(t, expired.Log, "timeout")
}

func TestBlocksAreBounded(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Accounts: 2})
	from, to := chain.Accounts[0], chain.Accounts[1]
	chain.Blocks(1)
	maxGas := uint64(app.DefaultConsensusParams().Block.MaxGas)
	big := func(gas uint64) []byte {
		return chain.SignTx(from, chaintest.Tx{Msgs: []sdk.Msg{send(from, to, 1)}, Gas: gas, Unordered: true})
	}
	for _, test := range []struct {
		name string
		txs  [][]byte
		want abci.ResponseProcessProposal_ProposalStatus
	}{
		{"empty", nil, abci.ResponseProcessProposal_ACCEPT},
		{"exactly full", [][]byte{big(maxGas - 100_000), big(100_000)}, abci.ResponseProcessProposal_ACCEPT},
		{"over", [][]byte{big(maxGas - 100_000), big(100_001)}, abci.ResponseProcessProposal_REJECT},
		{"overflow", [][]byte{big(1 << 63), big(1 << 63)}, abci.ResponseProcessProposal_REJECT},
		{"no transaction", [][]byte{[]byte("not protobuf")}, abci.ResponseProcessProposal_REJECT},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, chain.Propose(chaintest.BlockInterval, test.txs...))
		})
	}
}
