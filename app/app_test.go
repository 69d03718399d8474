package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

func TestStartsFromDefaultGenesis(t *testing.T) {
	genesis := chaintest.NewGenesis(t, chaintest.Config{})
	for name, state := range genesis.State {
		require.True(t, json.Valid(state) && string(state) != "null", "%s: %s", name, state)
	}
	chain := genesis.Start(t, nil, nil)
	chain.Blocks(3)
	require.EqualValues(t, 3, chain.App.LastBlockHeight())
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))

	metadata, found := chain.App.BankKeeper.GetDenomMetaData(chain.Context(), app.Denom)
	require.True(t, found)
	require.NoError(t, metadata.Validate())
	require.Equal(t, app.DisplayDenom, metadata.Display)

	params, err := chain.App.StakingKeeper.GetParams(chain.Context())
	require.NoError(t, err)
	require.Equal(t, app.Denom, params.BondDenom)
	require.Equal(t, app.Denom, params.KeyRotationFee.Denom)
	require.Positive(t, params.HistoricalEntries, "light clients on other chains need past headers")
	require.Equal(t, app.DefaultConsensusParams().Evidence.MaxAgeDuration, params.UnbondingTime,
		"evidence must stay admissible exactly as long as stakes are locked")

	gov, err := chain.App.GovKeeper.Params.Get(chain.Context())
	require.NoError(t, err)
	for _, coin := range append(gov.MinDeposit, gov.ExpeditedMinDeposit...) {
		require.Equal(t, app.Denom, coin.Denom)
	}

	epoch, err := chain.App.SupernodeKeeper.CurrentEpoch(chain.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, epoch.Number, "the timer of the default genesis is the one x/supernode listens to")
}

func TestNobodyMints(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{})
	for name, permissions := range chain.App.AccountKeeper.GetModulePermissions() {
		require.False(t, permissions.HasPermission(authtypes.Minter), name)
		require.True(t, chain.App.BankKeeper.BlockedAddr(permissions.GetAddress()), "%s accepts plain sends", name)
	}
}

// Every store must stay readable at every kept height, also after the node restarted.
func TestOldHeightsSurviveRestart(t *testing.T) {
	db, err := dbm.NewDB("application", dbm.PebbleDBBackend, t.TempDir())
	require.NoError(t, err)
	defer db.Close()
	chain := chaintest.NewGenesis(t, chaintest.Config{Accounts: 2}).Start(t, db, nil)
	from, to := chain.Accounts[0], chain.Accounts[1]
	send := banktypes.NewMsgSend(from.Address, to.Address, sdk.NewCoins(sdk.NewInt64Coin(app.Denom, 7)))
	chain.Blocks(3)
	before := chain.App.BankKeeper.GetBalance(chain.Context(), to.Address, app.Denom)
	chain.Run(chain.Sign(from, send))

	chain.Reopen()
	chain.Run(chain.Sign(from, send))
	for height := int64(1); height <= chain.Height; height++ {
		ctx, err := chain.App.CreateQueryContext(height, false)
		require.NoError(t, err, "height %d", height)
		for _, name := range app.StoreNames() {
			require.NotPanics(t, func() { ctx.KVStore(chain.App.StoreKey(name)).Has([]byte{0}) }, "%s at %d", name, height)
		}
	}
	ctx, err := chain.App.CreateQueryContext(3, false)
	require.NoError(t, err)
	require.Equal(t, before, chain.App.BankKeeper.GetBalance(ctx, to.Address, app.Denom))
	require.Equal(t, before.AddAmount(math.NewInt(14)), chain.App.BankKeeper.GetBalance(chain.Context(), to.Address, app.Denom))
}

func TestClosesTwice(t *testing.T) {
	db, err := dbm.NewDB("application", dbm.PebbleDBBackend, t.TempDir())
	require.NoError(t, err)
	chain := chaintest.NewGenesis(t, chaintest.Config{}).Start(t, db, nil)
	chain.Blocks(2)
	require.NoError(t, chain.App.Close())
	require.NoError(t, chain.App.Close(), "the server closes the application twice")
}

func TestNobodyElseMakesVestingAccounts(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Accounts: 1})
	payer, victim := chain.Accounts[0], chaintest.NewAccount("someone new")
	chain.Blocks(1)
	result := chain.Block(chain.Sign(payer, &vestingtypes.MsgCreateVestingAccount{
		FromAddress: payer.Address.String(), ToAddress: victim.Address.String(),
		Amount: sdk.NewCoins(sdk.NewInt64Coin(app.Denom, 1)), EndTime: 4_000_000_000, Delayed: true,
	})).TxResults[0]
	require.NotZero(t, result.Code)
	require.Contains(t, result.Log, "no message handler found")
	require.Nil(t, chain.App.AccountKeeper.GetAccount(chain.Context(), victim.Address))
}

// Ledger devices show and sign amino-JSON only, with names of at most 39 characters.
func TestMessagesFitLedger(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{})
	ours := 0
	for _, name := range chain.App.Registry.ListImplementations(sdk.MsgInterfaceProtoName) {
		if !strings.HasPrefix(name, "/virusmap.") {
			continue
		}
		ours++
		msg, err := chain.App.Registry.Resolve(name)
		require.NoError(t, err)
		bz, err := chain.App.Amino.MarshalJSON(msg)
		require.NoError(t, err, name)
		aminoName, _, found := strings.Cut(strings.TrimPrefix(string(bz), `{"type":"`), `"`)
		require.True(t, found, "%s is not registered in amino: %s", name, bz)
		require.LessOrEqual(t, len(aminoName), 39, aminoName)
	}
	require.NotZero(t, ours)
}
