package app_test

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// withRewards is a chain on which the first of its accounts has earned all of 1,000 uvmt
// before its first epoch, whose rewards the first block therefore settles.
func withRewards(t *testing.T) *chaintest.Chain {
	t.Helper()
	contributor := chaintest.NewAccount("account 0").Address.String()
	chain := chaintest.New(t, chaintest.Config{Accounts: 2, Modify: func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, bountytypes.ModuleName, func(gs *bountytypes.GenesisState) error {
			gs.Schedule.PeriodEpochs = gs.Schedule.Treasury.Uint64() / 2 / 1000 // 1000 uvmt an epoch
			gs.Params.ContributorsPpm, gs.Params.EnginesPpm, gs.Params.ContributorTargetSamples = 1_000_000, 0, 1
			rewards := bountytypes.NewEpochRewards(0)
			rewards.ContributorPoints = 1_000_000
			gs.Epochs = []bountytypes.EpochRewards{rewards}
			gs.Points = []bountytypes.Points{{Contributor: contributor, Points: 1_000_000, Claimed: math.ZeroInt()}}
			gs.Standings = []bountytypes.Standing{{Contributor: contributor, Points: 1_000_000}}
			return nil
		}))
	}})
	chain.Blocks(1)
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	return chain
}

func claimOf(account *chaintest.Account) sdk.Msg {
	return &bountytypes.MsgClaimRewards{Contributor: account.Address.String()}
}

func TestClaimsWithSomethingToPayAreFree(t *testing.T) {
	chain := withRewards(t)
	contributor, other := chain.Accounts[0], chain.Accounts[1]
	balance := func() int64 {
		return chain.App.BankKeeper.GetBalance(chain.Context(), contributor.Address, app.Denom).Amount.Int64()
	}
	before := balance()
	free := chaintest.Tx{Msgs: []sdk.Msg{claimOf(contributor)}, Free: true}

	stranger := checkTx(t, chain, chain.SignTx(other, chaintest.Tx{Msgs: []sdk.Msg{claimOf(other)}, Free: true}))
	require.Equal(t, sdkerrors.ErrInsufficientFee.ABCICode(), stranger.Code, "nothing was earned")

	claim := chain.SignTx(contributor, free)
	require.Zero(t, checkTx(t, chain, claim).Code)
	chain.Run(claim)
	require.Equal(t, before+1000, balance())

	second := checkTx(t, chain, chain.SignTx(contributor, free))
	require.Equal(t, sdkerrors.ErrInsufficientFee.ABCICode(), second.Code, "nothing is left")
	chain.Blocks(1)
	paying := chain.Block(chain.Sign(contributor, claimOf(contributor))).TxResults[0]
	require.Equal(t, bountytypes.ErrNothingToClaim.ABCICode(), paying.Code)
	require.Equal(t, before+1000-chaintest.MinFee(chaintest.Gas)[0].Amount.Int64(), balance())
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
}

// One reward lets one claim into a mempool, and no failing ones into blocks.
func TestFreeClaimsAreBounded(t *testing.T) {
	chain := withRewards(t)
	contributor, other := chain.Accounts[0], chain.Accounts[1]
	claim := claimOf(contributor)
	refused := func(why string, tx []byte) {
		t.Helper()
		require.Equal(t, sdkerrors.ErrInsufficientFee.ABCICode(), checkTx(t, chain, tx).Code, why)
	}
	refused("not alone", chain.SignFree(contributor, chaintest.Gas, claim, claim))
	refused("not ordered", chain.SignFree(contributor, chaintest.Gas, claim))

	first := chain.SignTx(contributor, chaintest.Tx{Msgs: []sdk.Msg{claim}, Free: true})
	next := chain.SignTx(contributor, chaintest.Tx{Msgs: []sdk.Msg{claim}, Free: true})
	require.Zero(t, checkTx(t, chain, first).Code)
	refused("another one waits", next)

	// A block that does not take it changes nothing: it is checked again, and still the one.
	chain.Block(chain.Sign(other, send(other, contributor, 1)))
	again, err := chain.App.CheckTx(&abci.RequestCheckTx{Tx: first, Type: abci.CheckTxType_Recheck})
	require.NoError(t, err)
	require.Zero(t, again.Code, again.Log)
	refused("still another one waits", next)

	// A proposer that takes both pays the reward once.
	results := chain.Block(first, next).TxResults
	require.Zero(t, results[0].Code, results[0].Log)
	require.Equal(t, bountytypes.ErrNothingToClaim.ABCICode(), results[1].Code)
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
}
