package keeper_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func TestOrder(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold", "sold too")
	before := f.balance(f.buyer.Address)
	items := []types.Item{f.item("sold"), f.item("sold too"), f.item("sold")}
	f.run(f.buyer, f.orderMsg(items...))
	require.Equal(t, before-3*orderPrice-fee(), f.balance(f.buyer.Address))
	events := marketEvents[*types.EventOrdered](f)
	require.Len(t, events, 3)
	for i, item := range items {
		order := f.order(types.NewOrderID(f.buyer.Address, item.Sha256, item.OneTimeKey))
		sample, err := f.App.SamplesKeeper.Get(f.Context(), item.Sha256)
		require.NoError(t, err)
		params, err := f.App.MarketKeeper.Params.Get(f.Context())
		require.NoError(t, err)
		require.Equal(t, types.Order{
			Id: order.Id, Buyer: f.buyer.Address.String(), Sha256: item.Sha256, Product: "sample/small", Price: intOf(orderPrice),
			Rates: params.Rates, Sealing: sample.Sealing, OneTimeKey: item.OneTimeKey, Contributor: f.finder.Address.String(),
			Operator: order.Operator, OrderedHeight: f.Height, OrderedTime: f.Time.Unix(), FallbackHeight: f.Height + fallback,
			DueHeight: f.Height + deliveryWindow, DisputeWindowBlocks: disputeWindow, Status: types.ORDER_STATUS_OPEN, Split: types.NoSplit(),
		}, order)
		holds := false
		for _, holder := range f.holders([]string{"sold", "sold too", "sold"}[i]) {
			holds = holds || holder.Operator.Address.String() == order.Operator
		}
		require.True(t, holds, "who is assigned holds the sample")
		require.Equal(t, &types.EventOrdered{
			Order: order.Id, Buyer: order.Buyer, Sha256: order.Sha256, Product: order.Product, Price: "1000000",
			Operator: order.Operator, DueHeight: order.DueHeight,
		}, events[i])
	}
}

// Who orders all of a bundle at once pays less for each, and nobody else does.
func TestBundleIsCheaper(t *testing.T) {
	f := newOrderChain(t)
	f.sell("one", "two")
	items := []types.Item{f.item("one"), f.item("two")}
	samples := [][]byte{items[0].Sha256, items[1].Sha256}
	slices.SortFunc(samples, bytes.Compare)
	f.run(f.finder, &types.MsgCreateBundle{Creator: f.finder.Address.String(), Title: "both", Samples: samples})
	bundle := marketEvents[*types.EventBundleCreated](f)[0].Bundle

	half := f.orderMsg(items[0])
	half.Bundle = bundle
	require.ErrorIs(t, f.try(func(ctx context.Context, msgs types.MsgServer) error {
		_, err := msgs.OrderSamples(ctx, half)
		return err
	}), types.ErrInvalidBundle)
	whole := f.orderMsg(items...)
	whole.Bundle = bundle
	before := f.balance(f.buyer.Address)
	f.run(f.buyer, whole)
	require.Equal(t, before-2*orderPrice*9/10-fee(), f.balance(f.buyer.Address))
	for _, item := range items {
		order := f.order(types.NewOrderID(f.buyer.Address, item.Sha256, item.OneTimeKey))
		require.Equal(t, bundle, order.Bundle)
		require.Equal(t, intOf(orderPrice*9/10), order.Price)
	}
}

// Sending a message again, alone or with new orders, costs nothing twice.
func TestKnownOrdersAreLeftAlone(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	first, second := f.item("sold"), f.item("sold")
	f.run(f.buyer, f.orderMsg(first))
	id := types.NewOrderID(f.buyer.Address, first.Sha256, first.OneTimeKey)
	delivered := f.deliver(f.order(id), "sold")
	before := f.balance(f.buyer.Address)
	f.run(f.buyer, f.orderMsg(first))
	require.Equal(t, before-fee(), f.balance(f.buyer.Address))
	f.run(f.buyer, f.orderMsg(first, second))
	require.Equal(t, before-2*fee()-orderPrice, f.balance(f.buyer.Address))
	require.Equal(t, delivered, f.order(id))

	msg := f.orderMsg(second, first)
	msg.Bundle, msg.MaxPrice.Amount = bytes.Repeat([]byte{1}, 32), intOf(1) // nothing is bought, so no matter
	require.NoError(t, f.try(func(ctx context.Context, msgs types.MsgServer) error {
		response, err := msgs.OrderSamples(ctx, msg)
		require.NoError(t, err)
		require.Equal(t, &types.MsgOrderSamplesResponse{
			Orders: [][]byte{types.NewOrderID(f.buyer.Address, second.Sha256, second.OneTimeKey), id}, Paid: intOf(0), Known: 2,
		}, response)
		return nil
	}))
	f.accept(delivered)
	f.run(f.buyer, f.orderMsg(first)) // also when it has ended
	f.requireKept(id)
}

func (f *orderChain) requireKept(id []byte) {
	f.t.Helper()
	require.True(f.t, f.order(id).Status.Ended())
	require.Zero(f.t, f.balance(types.EscrowAddress(id)))
}

func TestOrderRefusals(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) { p.MaxOrdersPerMsg = 3 })
	f.sell("sold", "taken down")
	f.run(f.authority, &samplestypes.MsgBlockSample{Authority: f.authority.Address.String(), Sha256: contentHash("taken down"), Reason: "court order"})
	f.run(f.finder, f.finder.Submit(sealed("waiting")))
	good := f.item("sold")
	lowOrder := bytes.Clone(good.OneTimeKey)
	copy(lowOrder[1184:], make([]byte, 32))
	for name, test := range map[string]struct {
		change func(*types.MsgOrderSamples)
		want   error
		text   string
	}{
		"buyer":     {func(m *types.MsgOrderSamples) { m.Buyer = "nobody" }, types.ErrInvalidAddress, "buyer"},
		"no items":  {func(m *types.MsgOrderSamples) { m.Items = nil }, types.ErrInvalidOrder, "items: 0, want 1..3"},
		"too many":  {func(m *types.MsgOrderSamples) { m.Items = []types.Item{good, good, good, good} }, types.ErrInvalidOrder, "items: 4, want 1..3"},
		"twice":     {func(m *types.MsgOrderSamples) { m.Items = []types.Item{f.item("sold"), good, good} }, types.ErrInvalidOrder, "items[2]: the same as items[1]"},
		"sha256":    {func(m *types.MsgOrderSamples) { m.Items[0].Sha256 = []byte{1} }, types.ErrInvalidOrder, "items[0].sha256: 1 bytes, want 32"},
		"key":       {func(m *types.MsgOrderSamples) { m.Items[0].OneTimeKey = nil }, types.ErrInvalidKey, "has 0 bytes, want 1216"},
		"low order": {func(m *types.MsgOrderSamples) { m.Items[0].OneTimeKey = lowOrder }, types.ErrInvalidKey, "low order"},
		"denom":     {func(m *types.MsgOrderSamples) { m.MaxPrice.Denom = "uatom" }, types.ErrInvalidAmount, "max_price"},
		"no price":  {func(m *types.MsgOrderSamples) { m.MaxPrice = sdk.Coin{Denom: types.Denom} }, types.ErrInvalidAmount, "max_price"},
		"zero":      {func(m *types.MsgOrderSamples) { m.MaxPrice.Amount = intOf(0) }, types.ErrInvalidAmount, "max_price"},
		"too dear":  {func(m *types.MsgOrderSamples) { m.MaxPrice.Amount = intOf(orderPrice - 1) }, types.ErrPriceAboveMax, "costs 1000000uvmt"},
		"unknown":   {func(m *types.MsgOrderSamples) { m.Items[0].Sha256 = contentHash("unknown") }, types.ErrNotForSale, "not known"},
		"queued":    {func(m *types.MsgOrderSamples) { m.Items[0].Sha256 = contentHash("waiting") }, types.ErrNotForSale, "SCANNING"},
		"blocked":   {func(m *types.MsgOrderSamples) { m.Items = append(m.Items, f.item("taken down")) }, types.ErrNotForSale, "items[1]: sample"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := f.orderMsg(types.Item{Sha256: bytes.Clone(good.Sha256), OneTimeKey: good.OneTimeKey})
			test.change(msg)
			err := f.try(func(ctx context.Context, msgs types.MsgServer) error {
				_, err := msgs.OrderSamples(ctx, msg)
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
}

func TestOrderWhatNothingIsSoldAs(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) {
		for i := range p.Products {
			if p.Products[i].Kind == types.PRODUCT_KIND_SAMPLE {
				p.Products[i].MaxSizeBytes = 4
			}
		}
	})
	f.sell("five!")
	require.ErrorIs(t, f.try(func(ctx context.Context, msgs types.MsgServer) error {
		_, err := msgs.OrderSamples(ctx, f.orderMsg(f.item("five!")))
		return err
	}), types.ErrNotForSale)
}

// An order that cannot be paid leaves nothing, also of the others of its message.
func TestOrdersAreAllOrNothing(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	poor := f.balance(f.buyer.Address) - orderPrice - orderPrice/2
	f.run(f.buyer, banktypes.NewMsgSend(f.buyer.Address, f.rival.Address, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, poor-3*fee()))))
	before := f.balance(f.buyer.Address)
	response := f.Chain.Block(f.Sign(f.buyer, f.orderMsg(f.item("sold"), f.item("sold"))))
	require.NotZero(t, response.TxResults[0].Code)
	require.Contains(t, response.TxResults[0].Log, "insufficient funds")
	require.Equal(t, before-fee(), f.balance(f.buyer.Address))
	require.NoError(t, f.App.CheckInvariants(f.Context()))
	require.Equal(t, types.ORDER_STATUS_OPEN, f.buy("sold").Status)
}
