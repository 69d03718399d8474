package keeper_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
)

const (
	// payDenom is money of another chain.
	payDenom = "utest"
	// payBalance is what each account has of it.
	payBalance = int64(1_000_000_000_000)
	// onSale, price and cap are those of the usual tranche; the price makes every cost end
	// in a fraction.
	onSale    = int64(1_000_000_000)
	salePrice = int64(250_001)
	saleCap   = int64(400_000_000)
	// saleSeconds is how long it lasts.
	saleSeconds = int64(60)
)

// saleChain is the whole application. Its authority is the first account; the others buy.
type saleChain struct {
	*chaintest.Chain
	t *testing.T
}

// saleProceeds is an account that nobody has used.
func saleProceeds() sdk.AccAddress {
	hash := sha256.Sum256([]byte("proceeds of the sale"))
	return hash[:20]
}

// newSaleChain has run a block, and its accounts have money of another chain. What of it
// exists is written as it would come over from there, because no genesis may hold it.
func newSaleChain(t *testing.T) *saleChain {
	t.Helper()
	genesis := chaintest.NewGenesis(t, chaintest.Config{Accounts: 5})
	genesis.Consensus.Authority = &cmtproto.AuthorityParams{Authority: genesis.Accounts[0].Address.String()}
	c := &saleChain{Chain: genesis.Start(t, nil, nil), t: t}
	c.Blocks(1)
	ctx, bank := c.App.CommitContext(), c.App.BankKeeper
	for _, account := range c.Genesis.Accounts {
		require.NoError(t, bank.UncheckedSetBalance(ctx, account.Address, sdk.NewInt64Coin(payDenom, payBalance)))
	}
	require.NoError(t, bank.Supply.Set(ctx, payDenom, math.NewInt(payBalance*int64(len(c.Genesis.Accounts)))))
	c.Blocks(1)
	return c
}

// terms are the usual ones, from the next block on.
func (c *saleChain) terms() types.MsgCreateTranche {
	start := c.Time.Unix() + 1
	return types.MsgCreateTranche{
		Authority: c.Genesis.Accounts[0].Address.String(), Title: "first tranche",
		Amount: math.NewInt(onSale), Price: math.NewInt(salePrice), PayDenom: payDenom,
		StartTime: start, EndTime: start + saleSeconds, Cap: math.NewInt(saleCap), Proceeds: saleProceeds().String(),
	}
}

// open puts up a tranche by a transaction.
func (c *saleChain) open(terms types.MsgCreateTranche) types.Tranche {
	c.t.Helper()
	tranche, err := types.NewTranche(&terms)
	require.NoError(c.t, err)
	c.Run(c.Sign(c.Genesis.Accounts[0], &terms))
	return tranche
}

func (c *saleChain) buying(buyer int, tranche types.Tranche, amount int64) *types.MsgBuyTokens {
	return &types.MsgBuyTokens{
		Buyer: c.Genesis.Accounts[buyer].Address.String(), Tranche: tranche.Id, Amount: sdk.NewInt64Coin(types.Denom, amount),
	}
}

// buy buys as transactions of one block each.
func (c *saleChain) buy(buyer int, tranche types.Tranche, amounts ...int64) {
	c.t.Helper()
	for _, amount := range amounts {
		c.Run(c.Sign(c.Genesis.Accounts[buyer], c.buying(buyer, tranche, amount)))
	}
}

// sellSixtyPercent lets three accounts buy 60 % of the usual tranche, and returns it with
// what they must have paid.
func (c *saleChain) sellSixtyPercent() (tranche types.Tranche, paid int64) {
	c.t.Helper()
	tranche = c.open(c.terms())
	for buyer, amounts := range map[int][]int64{1: {1, 200_000_000}, 2: {199_999_997, 2}, 3: {7, 99_999_993, 100_000_000}} {
		c.buy(buyer, tranche, amounts...)
		for _, amount := range amounts {
			paid += (amount*salePrice + 999_999) / 1_000_000
		}
	}
	return tranche, paid
}

// until runs a block at a time in unix seconds, and checks the module after it.
func (c *saleChain) until(seconds int64) {
	c.t.Helper()
	c.BlockAfter(time.Unix(seconds, 0).Sub(c.Time))
	c.requireSound()
}

func (c *saleChain) requireSound() {
	c.t.Helper()
	require.NoError(c.t, c.App.MarketKeeper.AllInvariants(c.Context()))
	require.NoError(c.t, c.App.BountyKeeper.AllInvariants(c.Context()))
}

// move goes on as a fresh chain. The other chain's money stays behind.
func (c *saleChain) move() *saleChain {
	c.t.Helper()
	return &saleChain{t: c.t, Chain: c.Move(func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(c.t, app.EditGenesis(cdc, state, banktypes.ModuleName, func(bank *banktypes.GenesisState) error {
			own := func(coins sdk.Coins) sdk.Coins {
				return sdk.NewCoins(sdk.NewCoin(types.Denom, coins.AmountOf(types.Denom)))
			}
			for i, balance := range bank.Balances {
				bank.Balances[i].Coins = own(balance.Coins)
			}
			bank.Supply = own(bank.Supply)
			return nil
		}))
	})}
}

func (c *saleChain) balance(of sdk.AccAddress, denom string) int64 {
	return c.App.BankKeeper.GetBalance(c.Context(), of, denom).Amount.Int64()
}

func (c *saleChain) supply() int64 {
	return c.App.BankKeeper.GetSupply(c.Context(), types.Denom).Amount.Int64()
}

func (c *saleChain) reserve() int64 {
	return c.balance(c.App.AccountKeeper.GetModuleAddress(types.ModuleName), types.Denom)
}

func (c *saleChain) stored(tranche types.Tranche) types.Tranche {
	c.t.Helper()
	stored, err := c.App.MarketKeeper.Tranches.Get(c.Context(), tranche.Id)
	require.NoError(c.t, err)
	return stored
}

// try runs a message on a copy of the state at a time in unix seconds.
func (c *saleChain) try(at int64, run func(context.Context, types.MsgServer) error) error {
	ctx := c.Context().WithBlockTime(time.Unix(at, 0))
	return run(ctx, keeper.NewMsgServer(c.App.MarketKeeper))
}

func (c *saleChain) tryBuy(at int64, msg *types.MsgBuyTokens) error {
	return c.try(at, func(ctx context.Context, msgs types.MsgServer) error {
		_, err := msgs.BuyTokens(ctx, msg)
		return err
	})
}

func (c *saleChain) tryCreate(at int64, msg types.MsgCreateTranche) error {
	return c.try(at, func(ctx context.Context, msgs types.MsgServer) error {
		_, err := msgs.CreateTranche(ctx, &msg)
		return err
	})
}

// blockEvents gives the events of one kind, in order.
func blockEvents[E proto.Message](t *testing.T, events []abci.Event) (found []E) {
	t.Helper()
	for _, event := range events {
		var kind E
		if event.Type != proto.MessageName(kind) {
			continue
		}
		// BaseApp adds the mode, which is not JSON.
		event.Attributes = slices.DeleteFunc(slices.Clone(event.Attributes), func(a abci.EventAttribute) bool { return a.Key == "mode" })
		message, err := sdk.ParseTypedEvent(event)
		require.NoError(t, err)
		found = append(found, message.(E))
	}
	return found
}
