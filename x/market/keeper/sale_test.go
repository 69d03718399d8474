package keeper_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
)

func TestSaleMovesExactAmounts(t *testing.T) {
	c := newSaleChain(t)
	supply, reserve := c.supply(), c.reserve()
	tranche, paid := c.sellSixtyPercent()

	require.Equal(t, reserve-onSale, c.reserve())
	require.Equal(t, onSale*4/10, c.balance(types.TrancheAddress(tranche.Id), types.Denom))
	require.Equal(t, math.NewInt(onSale*6/10), c.stored(tranche).Sold)
	require.Equal(t, paid, c.balance(saleProceeds(), payDenom))
	require.Greater(t, paid, onSale*6/10*salePrice/1_000_000, "rounding is in favour of the sale")
	spent := int64(0)
	for _, account := range c.Genesis.Accounts {
		spent += payBalance - c.balance(account.Address, payDenom)
	}
	require.Equal(t, paid, spent)
	require.Equal(t, supply, c.supply())
	c.requireSound()
}

func TestRefusedPurchases(t *testing.T) {
	c := newSaleChain(t)
	tranche := c.open(c.terms())
	c.buy(1, tranche, saleCap)
	c.buy(2, tranche, saleCap)
	start, end := tranche.StartTime, tranche.EndTime
	for name, test := range map[string]struct {
		at     int64
		msg    *types.MsgBuyTokens
		change func(*types.MsgBuyTokens)
		want   error
		text   string
	}{
		"before the start":   {at: start - 1, want: types.ErrTrancheClosed},
		"at the end":         {at: end, want: types.ErrTrancheClosed},
		"long after the end": {at: end + 1_000_000, want: types.ErrTrancheClosed},
		"no buyer":           {change: func(m *types.MsgBuyTokens) { m.Buyer = "" }, want: types.ErrInvalidAddress, text: "buyer"},
		"no such tranche":    {change: func(m *types.MsgBuyTokens) { m.Tranche = make([]byte, 32) }, want: types.ErrNotFound},
		"no tranche":         {change: func(m *types.MsgBuyTokens) { m.Tranche = nil }, want: types.ErrNotFound},
		"wrong denomination": {change: func(m *types.MsgBuyTokens) { m.Amount.Denom = payDenom }, want: types.ErrInvalidAmount, text: "amount"},
		"nothing":            {change: func(m *types.MsgBuyTokens) { m.Amount.Amount = math.ZeroInt() }, want: types.ErrInvalidAmount},
		"less than nothing":  {change: func(m *types.MsgBuyTokens) { m.Amount.Amount = math.NewInt(-1) }, want: types.ErrInvalidAmount},
		"no amount":          {change: func(m *types.MsgBuyTokens) { m.Amount = sdk.Coin{} }, want: types.ErrInvalidAmount},
		"more than is left":  {msg: c.buying(3, tranche, onSale-2*saleCap+1), want: types.ErrSoldOut, text: "200000000 are left"},
		"above the cap":      {msg: c.buying(1, tranche, 1), want: types.ErrAccountCap, text: "make 400000001, the cap is 400000000"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := test.msg
			if msg == nil {
				msg = c.buying(3, tranche, 1)
			}
			if test.change != nil {
				test.change(msg)
			}
			at := test.at
			if at == 0 {
				at = end - 1
			}
			err := c.tryBuy(at, msg)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
	// The very first and the very last second are in.
	require.NoError(t, c.tryBuy(start, c.buying(3, tranche, 1)))
	require.NoError(t, c.tryBuy(end-1, c.buying(3, tranche, onSale-2*saleCap)))
}

func TestNoMoneyNoTokens(t *testing.T) {
	c := newSaleChain(t)
	terms := c.terms()
	terms.Price = math.NewInt(payBalance).MulRaw(2)
	tranche := c.open(terms)
	require.ErrorIs(t, c.tryBuy(tranche.StartTime, c.buying(1, tranche, 500_001)), sdkerrors.ErrInsufficientFunds)
	c.buy(1, tranche, 500_000)
	require.Zero(t, c.balance(c.Genesis.Accounts[1].Address, payDenom))
	require.Equal(t, payBalance, c.balance(saleProceeds(), payDenom))
}

// Nobody can sell more than the tranche by transactions of one block.
func TestLastTokensAreSoldOnce(t *testing.T) {
	c := newSaleChain(t)
	terms := c.terms()
	terms.Cap = terms.Amount
	tranche := c.open(terms)
	response := c.Block(
		c.Sign(c.Genesis.Accounts[1], c.buying(1, tranche, onSale-5)),
		c.Sign(c.Genesis.Accounts[2], c.buying(2, tranche, 6)),
		c.Sign(c.Genesis.Accounts[3], c.buying(3, tranche, 5)),
		c.Sign(c.Genesis.Accounts[4], c.buying(4, tranche, 1)))
	want := []uint32{0, types.ErrSoldOut.ABCICode(), 0, types.ErrSoldOut.ABCICode()}
	for i, result := range response.TxResults {
		require.Equal(t, want[i], result.Code, result.Log)
	}
	supply := c.supply()
	c.until(tranche.EndTime)
	require.True(t, c.stored(tranche).Ended)
	require.Equal(t, supply, c.supply(), "all was sold")
}

func TestRefusedTranches(t *testing.T) {
	c := newSaleChain(t)
	tranche := c.open(c.terms())
	market := authtypes.NewModuleAddress(types.ModuleName).String()
	for name, test := range map[string]struct {
		change func(*types.MsgCreateTranche)
		want   error
		text   string
	}{
		"by anybody":         {func(m *types.MsgCreateTranche) { m.Authority = c.Genesis.Accounts[1].Address.String() }, sdkerrors.ErrUnauthorized, "authority"},
		"bad terms":          {func(m *types.MsgCreateTranche) { m.PayDenom = types.Denom }, types.ErrInvalidTranche, "pay_denom"},
		"ends now":           {func(m *types.MsgCreateTranche) { m.StartTime, m.EndTime = 1, tranche.StartTime }, types.ErrInvalidTranche, "end_time"},
		"blocked proceeds":   {func(m *types.MsgCreateTranche) { m.Proceeds = market }, types.ErrInvalidTranche, "may not receive"},
		"more than there is": {func(m *types.MsgCreateTranche) { m.Amount = math.NewInt(c.reserve() + 1) }, types.ErrInvalidTranche, "above the reserve"},
		"the same once more": {func(m *types.MsgCreateTranche) {
			m.StartTime, m.EndTime = tranche.StartTime, tranche.EndTime
		}, types.ErrInvalidTranche, "exists already"},
	} {
		t.Run(name, func(t *testing.T) {
			terms := c.terms()
			test.change(&terms)
			err := c.tryCreate(tranche.StartTime, terms)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
	whole := c.terms()
	whole.Amount = math.NewInt(c.reserve())
	require.NoError(t, c.tryCreate(tranche.StartTime, whole), "all of the reserve can be put up")
}

// The same terms are refused also when their tranche has ended: it may not be burned for
// twice.
func TestEndedTrancheIsNotPutUpAgain(t *testing.T) {
	c := newSaleChain(t)
	terms := c.terms()
	tranche := c.open(terms)
	c.until(tranche.EndTime)
	require.True(t, c.stored(tranche).Ended)
	require.ErrorIs(t, c.tryCreate(tranche.StartTime, terms), types.ErrInvalidTranche)
}

func TestGiftsGoToTheProceeds(t *testing.T) {
	c := newSaleChain(t)
	terms := c.terms()
	tranche, err := types.NewTranche(&terms)
	require.NoError(t, err)
	giver := c.Genesis.Accounts[4]
	gift := func(denom string, amount int64) {
		c.Run(c.Sign(giver, &banktypes.MsgSend{
			FromAddress: giver.Address.String(), ToAddress: types.TrancheAddress(tranche.Id).String(),
			Amount: sdk.NewCoins(sdk.NewInt64Coin(denom, amount)),
		}))
	}
	gift(types.Denom, 5) // before it is there, for whoever knows the proposal
	c.open(terms)
	gift(types.Denom, 6)
	gift(payDenom, 7)
	c.requireSound()
	supply := c.supply()
	c.until(tranche.EndTime)
	require.Equal(t, supply-onSale, c.supply(), "a gift is not burned")
	require.EqualValues(t, 11, c.balance(saleProceeds(), types.Denom))
	require.EqualValues(t, 7, c.balance(saleProceeds(), payDenom))
	require.Zero(t, c.balance(types.TrancheAddress(tranche.Id), types.Denom))

	gift(types.Denom, 8) // lies there for good
	c.Blocks(3)
	require.Equal(t, supply-onSale, c.supply())
	c.requireSound()
}

// More tranches than a block ends wait for the next one.
func TestEndsAreBounded(t *testing.T) {
	c := newSaleChain(t)
	terms := c.terms()
	var tranches []types.Tranche
	for i := range 12 {
		terms.Title = string(rune('a' + i))
		tranches = append(tranches, c.open(terms))
	}
	supply := c.supply()
	c.until(terms.EndTime)
	require.Equal(t, supply-10*onSale, c.supply())
	c.until(terms.EndTime + 1)
	require.Equal(t, supply-12*onSale, c.supply())
	for _, tranche := range tranches {
		require.True(t, c.stored(tranche).Ended)
	}
}

func TestSaleQueries(t *testing.T) {
	c := newSaleChain(t)
	tranche, _ := c.sellSixtyPercent()
	other := c.terms()
	other.Title = "second tranche"
	c.open(other)
	queries, ctx := keeper.NewQueryServer(c.App.MarketKeeper), c.Context()

	one, err := queries.Tranche(ctx, &types.QueryTrancheRequest{Id: hex.EncodeToString(tranche.Id)})
	require.NoError(t, err)
	require.Equal(t, c.stored(tranche), one.Tranche)
	all, err := queries.Tranches(ctx, &types.QueryTranchesRequest{Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Len(t, all.Tranches, 1)
	require.Equal(t, math.NewInt(c.reserve()), all.Reserve)
	rest, err := queries.Tranches(ctx, &types.QueryTranchesRequest{Pagination: &query.PageRequest{Key: all.Pagination.NextKey}})
	require.NoError(t, err)
	require.Len(t, rest.Tranches, 1)
	require.NotEqual(t, all.Tranches[0].Id, rest.Tranches[0].Id)

	_, err = queries.Tranche(ctx, &types.QueryTrancheRequest{Id: "00"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = queries.Tranche(ctx, &types.QueryTrancheRequest{Id: hex.EncodeToString(make([]byte, 32))})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = queries.Tranches(ctx, &types.QueryTranchesRequest{Pagination: &query.PageRequest{Limit: 501}})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

// Every rule of the invariant sees its damage.
func TestSaleInvariantSeesDamage(t *testing.T) {
	c := newSaleChain(t)
	sold, _ := c.sellSixtyPercent()
	tranche, market := c.stored(sold), c.App.MarketKeeper
	buyer := c.Genesis.Accounts[1].Address
	for name, damage := range map[string]func(ctx sdk.Context) error{
		"stolen": func(ctx sdk.Context) error {
			return c.App.BankKeeper.SendCoins(ctx, types.TrancheAddress(tranche.Id), buyer, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1)))
		},
		"sold": func(ctx sdk.Context) error {
			changed := tranche
			changed.Sold = changed.Sold.AddRaw(1)
			return market.Tranches.Set(ctx, tranche.Id, changed)
		},
		"terms": func(ctx sdk.Context) error {
			changed := tranche
			changed.Price = changed.Price.AddRaw(1)
			return market.Tranches.Set(ctx, tranche.Id, changed)
		},
		"above the cap": func(ctx sdk.Context) error {
			return market.Purchases.Set(ctx, collections.Join(tranche.Id, buyer), math.NewInt(saleCap+1))
		},
		"bought of none": func(ctx sdk.Context) error {
			return market.Purchases.Set(ctx, collections.Join(make([]byte, 32), buyer), math.OneInt())
		},
		"not queued": func(ctx sdk.Context) error {
			return market.TrancheEnds.Remove(ctx, collections.Join(tranche.EndTime, tranche.Id))
		},
		"queued twice": func(ctx sdk.Context) error {
			return market.TrancheEnds.Set(ctx, collections.Join(tranche.EndTime+1, tranche.Id))
		},
		"queued too early": func(ctx sdk.Context) error {
			if err := market.TrancheEnds.Remove(ctx, collections.Join(tranche.EndTime, tranche.Id)); err != nil {
				return err
			}
			return market.TrancheEnds.Set(ctx, collections.Join(tranche.EndTime-1, tranche.Id))
		},
		"ended but queued": func(ctx sdk.Context) error {
			changed := tranche
			changed.Ended = true
			return market.Tranches.Set(ctx, tranche.Id, changed)
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := c.Context()
			require.NoError(t, market.SaleInvariant(ctx))
			require.NoError(t, damage(ctx))
			require.ErrorIs(t, market.SaleInvariant(ctx), types.ErrInvariant)
		})
	}
}
