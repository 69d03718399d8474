package keeper_test

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const smallSample = "sample/small"

// pricesFixture is a market in the state of a whole chain, in the first epoch. Orders are
// written as the handlers leave them.
type pricesFixture struct {
	t       testing.TB
	chain   *chaintest.Chain
	ctx     sdk.Context
	keeper  *keeper.Keeper
	msgs    types.MsgServer
	queries types.QueryServer
	buyer   sdk.AccAddress
	orders  uint64
}

// newPricesFixture starts with a funded buyer. When the test ends the invariant must hold.
func newPricesFixture(t testing.TB) *pricesFixture {
	t.Helper()
	chain := chaintest.New(t, chaintest.Config{Accounts: 2, Supernodes: 1})
	chain.Blocks(1)
	f := &pricesFixture{t: t, chain: chain, keeper: chain.App.MarketKeeper, buyer: chain.Accounts[0].Address}
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
	f.open()
	t.Cleanup(func() {
		if !t.Failed() {
			require.NoError(t, f.keeper.PricesInvariant(f.ctx))
		}
	})
	return f
}

// open reads the chain as its last block left it; the chain takes no notice of what is
// written.
func (f *pricesFixture) open() {
	f.ctx = f.chain.Context().WithEventManager(sdk.NewEventManager())
}

// publish lets files be submitted and judged, and returns their hashes in ascending order.
func (f *pricesFixture) publish(files int) [][]byte {
	f.t.Helper()
	f.chain.PublishVaultKey()
	contributor := f.chain.Accounts[1]
	submitted := chaintest.Submissions("for sale", files, 1)
	f.chain.Run(f.chain.Sign(contributor, contributor.Submit(submitted...)))
	f.open()
	samples := make([][]byte, files)
	for i, sample := range submitted {
		samples[i] = sample.Sha256
		require.NoError(f.t, f.chain.App.SamplesKeeper.BeginScan(f.ctx, sample.Sha256, 1))
		require.NoError(f.t, f.chain.App.SamplesKeeper.Conclude(f.ctx, []samplestypes.Conclusion{{SHA256: sample.Sha256, Valid: true}}))
	}
	return sortedHashes(samples)
}

// setStatus changes a sample as its life does.
func (f *pricesFixture) setStatus(sha256 []byte, status samplestypes.Status) {
	f.t.Helper()
	sample, err := f.chain.App.SamplesKeeper.Get(f.ctx, sha256)
	require.NoError(f.t, err)
	sample.Status = status
	require.NoError(f.t, f.chain.App.SamplesKeeper.Samples.Set(f.ctx, sha256, sample))
}

// order writes a new order.
func (f *pricesFixture) order(product string, price int64) types.Order {
	f.t.Helper()
	f.orders++
	order := types.Order{
		Id: binary.BigEndian.AppendUint64(make([]byte, 24), f.orders), Buyer: f.buyer.String(), Product: product,
		Price: math.NewInt(price), Status: types.ORDER_STATUS_OPEN, Split: types.NoSplit(),
	}
	require.NoError(f.t, f.keeper.Orders.Set(f.ctx, order.Id, order))
	require.NoError(f.t, f.keeper.Uncounted.Set(f.ctx, order.Id))
	return order
}

// end ends an order.
func (f *pricesFixture) end(order types.Order) {
	f.t.Helper()
	order.Status = types.ORDER_STATUS_SETTLED
	require.NoError(f.t, f.keeper.Orders.Set(f.ctx, order.Id, order))
	require.NoError(f.t, f.keeper.LeaveBook(f.ctx, order))
	require.NoError(f.t, f.keeper.PricesInvariant(f.ctx))
}

// endBlock does what concerns the prices.
func (f *pricesFixture) endBlock() {
	f.t.Helper()
	require.NoError(f.t, f.keeper.CountOrders(f.ctx))
	require.NoError(f.t, f.keeper.MovePrices(f.ctx))
	require.NoError(f.t, f.keeper.PricesInvariant(f.ctx))
}

// startEpochs starts the next epochs and leaves the prices where they are.
func (f *pricesFixture) startEpochs(epochs int64) {
	f.t.Helper()
	params, err := f.chain.App.SupernodeKeeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	for range epochs {
		current, err := f.chain.App.SupernodeKeeper.CurrentEpoch(f.ctx)
		require.NoError(f.t, err)
		hooks := f.chain.App.SupernodeKeeper.EpochHooks()
		require.NoError(f.t, hooks.BeforeEpochStart(f.ctx, params.EpochIdentifier, int64(current.Number)+1))
	}
}

// price is what the queries show of a product.
func (f *pricesFixture) price(product string) types.Price {
	f.t.Helper()
	response, err := f.queries.Prices(f.ctx, &types.QueryPricesRequest{})
	require.NoError(f.t, err)
	for _, price := range response.Prices {
		if price.Product == product {
			return price
		}
	}
	return types.Price{}
}

// requirePrice compares a price, demand and what is on order of a product.
func (f *pricesFixture) requirePrice(product string, price, demand, openOrders uint64, escrowed int64) {
	f.t.Helper()
	shown := f.price(product)
	require.Equal(f.t, []uint64{price, demand, openOrders}, []uint64{shown.Price, shown.Demand, shown.OpenOrders})
	require.Equal(f.t, math.NewInt(escrowed).String(), shown.Escrowed.String())
}

func (f *pricesFixture) setParams(change func(*types.Params)) {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	authority := authtypes.NewModuleAddress("gov").String()
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: params})
	require.NoError(f.t, err)
	require.NoError(f.t, f.keeper.PricesInvariant(f.ctx))
}

// moved are the events of prices that moved since this was asked last.
func (f *pricesFixture) moved() (moved []types.EventPriceMoved) {
	f.t.Helper()
	for _, event := range f.ctx.EventManager().ABCIEvents() {
		message, err := sdk.ParseTypedEvent(event)
		if err != nil {
			continue // an untyped event of the bank
		}
		if price, ok := message.(*types.EventPriceMoved); ok {
			moved = append(moved, *price)
		}
	}
	f.ctx = f.ctx.WithEventManager(sdk.NewEventManager())
	return moved
}

func (f *pricesFixture) balance(account sdk.AccAddress) int64 {
	return f.chain.App.BankKeeper.GetBalance(f.ctx, account, types.Denom).Amount.Int64()
}

func (f *pricesFixture) quote(sha256 []byte) (*types.QueryQuoteResponse, error) {
	return f.queries.Quote(f.ctx, &types.QueryQuoteRequest{Sha256: hex.EncodeToString(sha256)})
}
