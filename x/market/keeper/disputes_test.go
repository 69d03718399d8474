package keeper_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/x/market/types"
)

// slashOf is what a non-delivery costs of a bond: 2%.
func slashOf(bond int64) int64 { return bond * 20_000 / 1_000_000 }

// Whatever a sealed key does not open to, its buyer gets the price back, and its deliverer is
// slashed.
func TestWrongKeys(t *testing.T) {
	for name, seal := range map[string]func(f *orderChain, order types.Order) []byte{
		"another key": func(f *orderChain, order types.Order) []byte { return f.seal(order, fileKey("something else")) },
		"garbled": func(f *orderChain, order types.Order) []byte {
			sealed := f.seal(order, fileKey("sold"))
			sealed[len(sealed)-1] ^= 1
			return sealed
		},
		"noise":               func(*orderChain, types.Order) []byte { return bytes.Repeat([]byte{7}, types.SealedKeySize) },
		"low order point":     func(*orderChain, types.Order) []byte { return make([]byte, types.SealedKeySize) },
		"for another buyer":   func(f *orderChain, order types.Order) []byte { return f.seal(f.withKey(order), fileKey("sold")) },
		"for another order":   func(f *orderChain, order types.Order) []byte { return f.seal(withID(order), fileKey("sold")) },
		"for another network": func(_ *orderChain, order types.Order) []byte { return sealFor("virusmap-1", order) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newOrderChain(t)
			f.sell("sold")
			before := f.balance(f.buyer.Address)
			order := f.buy("sold")
			order = f.deliverSealed(order, seal(f, order))
			bond, supply := f.selfBond(order.Operator), f.supply()
			f.run(f.buyer, f.dispute(order))

			ended := f.requireEnded(order, types.ORDER_STATUS_REFUNDED, types.ENDING_WRONG_KEY)
			require.Equal(t, types.NoSplit(), ended.Split)
			require.Equal(t, before-2*fee(), f.balance(f.buyer.Address))
			require.Equal(t, bond-slashOf(bond), f.selfBond(order.Operator))
			require.Equal(t, supply-slashOf(bond), f.supply())
			require.Equal(t, []*types.EventDisputed{{Order: order.Id, Upheld: true, Bond: "0"}}, marketEvents[*types.EventDisputed](f))
			require.Equal(t, []*types.EventOrderEnded{{
				Order: order.Id, Status: types.ORDER_STATUS_REFUNDED, Ending: types.ENDING_WRONG_KEY, Contributor: "0", Engines: "0",
				Deliverer: "0", Storage: "0", Burned: "0", Refund: "1000000", Slashed: order.Operator,
			}}, marketEvents[*types.EventOrderEnded](f))
		})
	}
}

// withKey is the order with a one-time key of somebody else.
func (f *orderChain) withKey(order types.Order) types.Order {
	_, oneTimeKey, err := types.NewOneTimeKey()
	require.NoError(f.t, err)
	order.OneTimeKey = oneTimeKey
	return order
}

func withID(order types.Order) types.Order {
	order.Id = bytes.Repeat([]byte{1}, len(order.Id))
	return order
}

func sealFor(chainID string, order types.Order) []byte {
	sealed, err := types.SealFileKey(order.OneTimeKey, types.ExchangeInfo(chainID, order.Id), fileKey("sold"))
	if err != nil {
		panic(err) // the order has a valid key
	}
	return sealed
}

// Who disputes a right key loses the bond, to nobody, and the order is paid.
func TestRightKeyDisputed(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	before := f.balance(f.buyer.Address)
	order := f.deliver(f.buy("sold"), "sold")
	f.give(types.EscrowAddress(order.Id), 5)
	bond, supply, finder := f.selfBond(order.Operator), f.supply(), f.balance(f.finder.Address)
	f.run(f.buyer, f.dispute(order))

	ended := f.requireEnded(order, types.ORDER_STATUS_SETTLED, types.ENDING_RIGHT_KEY)
	require.Equal(t, intOf(orderPrice), ended.Split.Sum())
	require.Equal(t, intOf(100_001), ended.Split.Burned)
	require.Equal(t, before-orderPrice-disputeBond-2*fee()+5, f.balance(f.buyer.Address))
	require.Equal(t, supply-100_001-disputeBond, f.supply())
	require.Equal(t, finder+400_000, f.balance(f.finder.Address))
	require.Equal(t, bond, f.selfBond(order.Operator))
	require.Equal(t, []*types.EventDisputed{{Order: order.Id, Bond: "1000000"}}, marketEvents[*types.EventDisputed](f))
}

func TestDisputeWithoutABond(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) { p.DisputeBond.Amount = intOf(0) })
	f.sell("sold")
	order := f.deliver(f.buy("sold"), "sold")
	supply := f.supply()
	f.run(f.buyer, f.dispute(order))
	f.requireEnded(order, types.ORDER_STATUS_SETTLED, types.ENDING_RIGHT_KEY)
	require.Equal(t, supply-100_001, f.supply())
}

func TestDisputeRefusals(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	delivered, open := f.deliver(f.buy("sold"), "sold"), f.buy("sold")
	foreign, _, err := types.NewOneTimeKey()
	require.NoError(t, err)
	for name, test := range map[string]struct {
		change func(*types.MsgDisputeKey)
		want   error
		text   string
	}{
		"buyer":          {func(m *types.MsgDisputeKey) { m.Buyer = "nobody" }, types.ErrInvalidAddress, "buyer"},
		"unknown":        {func(m *types.MsgDisputeKey) { m.Order = []byte{1} }, types.ErrNotFound, "order 01"},
		"foreign":        {func(m *types.MsgDisputeKey) { m.Buyer = f.rival.Address.String() }, types.ErrForeignOrder, f.buyer.Address.String()},
		"open":           {func(m *types.MsgDisputeKey) { m.Order = open.Id }, types.ErrOrderStatus, "OPEN"},
		"short secret":   {func(m *types.MsgDisputeKey) { m.Secret = m.Secret[1:] }, types.ErrInvalidKey, "31 bytes, want 32"},
		"foreign secret": {func(m *types.MsgDisputeKey) { m.Secret = foreign }, types.ErrInvalidKey, "not that of order"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := f.dispute(delivered)
			test.change(msg)
			err := f.tryDispute(msg)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
	require.NoError(t, f.tryDispute(f.dispute(delivered)))
	f.accept(delivered)
	require.ErrorIs(t, f.tryDispute(f.dispute(delivered)), types.ErrOrderStatus)
}

func (f *orderChain) tryDispute(msg *types.MsgDisputeKey) error {
	return f.try(func(ctx context.Context, msgs types.MsgServer) error {
		_, err := msgs.DisputeKey(ctx, msg)
		return err
	})
}

// Also a dispute that would be upheld wants somebody who could lose it.
func TestDisputeWantsTheBond(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.buy("sold")
	order = f.deliverSealed(order, f.seal(order, fileKey("something else")))
	require.NoError(t, f.tryDispute(f.dispute(order)))
	all := f.balance(f.buyer.Address) - fee() - disputeBond + 1
	f.run(f.buyer, banktypes.NewMsgSend(f.buyer.Address, f.rival.Address, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, all))))
	require.ErrorIs(t, f.tryDispute(f.dispute(order)), types.ErrInvalidAmount)
}

// What has been accepted or disputed in a block cannot be disputed again in it.
func TestOneEndingInABlock(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	for name, test := range map[string]struct {
		first, second func(types.Order) sdk.Msg
		want          types.Ending
	}{
		"accepted, disputed": {
			func(o types.Order) sdk.Msg { return f.acceptMsg(f.buyer, o) }, func(o types.Order) sdk.Msg { return f.dispute(o) }, types.ENDING_ACCEPTED,
		},
		"disputed, accepted": {
			func(o types.Order) sdk.Msg { return f.dispute(o) }, func(o types.Order) sdk.Msg { return f.acceptMsg(f.buyer, o) }, types.ENDING_RIGHT_KEY,
		},
		"disputed twice": {
			func(o types.Order) sdk.Msg { return f.dispute(o) }, func(o types.Order) sdk.Msg { return f.dispute(o) }, types.ENDING_RIGHT_KEY,
		},
	} {
		t.Run(name, func(t *testing.T) {
			order := f.deliver(f.buy("sold"), "sold")
			response := f.Chain.Block(f.Sign(f.buyer, test.first(order)), f.Sign(f.buyer, test.second(order)))
			require.Zero(t, response.TxResults[0].Code, response.TxResults[0].Log)
			require.Equal(t, types.ErrOrderStatus.ABCICode(), response.TxResults[1].Code, response.TxResults[1].Log)
			require.NoError(t, f.App.CheckInvariants(f.Context()))
			f.requireEnded(order, types.ORDER_STATUS_SETTLED, test.want)
		})
	}
}
