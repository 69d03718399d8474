package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

func (f *orderChain) suspended(operator string) bool {
	f.t.Helper()
	epoch, err := f.App.SupernodeKeeper.CurrentEpoch(f.Context())
	require.NoError(f.t, err)
	suspended, err := f.App.MarketKeeper.Suspensions.Has(f.Context(), collections.Join(epoch.Number, f.node(operator).Operator.Address))
	require.NoError(f.t, err)
	return suspended
}

// Who does not deliver is slashed once in an epoch, and neither assigned orders nor taken
// keys from for the rest of it.
func TestNotDelivered(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	before := f.balance(f.buyer.Address)
	order := f.buy("sold")
	again := f.buyFrom("sold", order.Operator)
	bond, supply := f.selfBond(order.Operator), f.supply()
	f.blocks(int(order.DueHeight - f.Height))
	f.requireEnded(order, types.ORDER_STATUS_REFUNDED, types.ENDING_NOT_DELIVERED)
	require.Equal(t, order.Operator, marketEvents[*types.EventOrderEnded](f)[0].Slashed)
	require.Equal(t, bond-slashOf(bond), f.selfBond(order.Operator))
	require.Equal(t, supply-slashOf(bond), f.supply())
	require.True(t, f.suspended(order.Operator))

	node := f.node(order.Operator)
	_, _, err := f.delivers(node, types.SealedKey{Order: again.Id, Sealed: f.seal(again, fileKey("sold"))})
	require.ErrorIs(t, err, types.ErrSuspended)
	f.blocks(int(again.DueHeight - f.Height))
	f.requireEnded(again, types.ORDER_STATUS_REFUNDED, types.ENDING_NOT_DELIVERED)
	require.Empty(t, marketEvents[*types.EventOrderEnded](f)[0].Slashed)
	require.Equal(t, bond-slashOf(bond), f.selfBond(order.Operator), "once in an epoch")

	orders := f.attempts("sold", 12)
	for _, next := range orders {
		require.NotEqual(t, order.Operator, next.Operator)
	}
	f.blocks(deliveryWindow)
	require.InDelta(t, before-f.bought*fee(), f.balance(f.buyer.Address), feesPerMessage, "all money is back; fees are rounded")
	for _, next := range orders {
		require.True(t, f.suspended(next.Operator))
	}

	// A bond that was slashed is below what a seat wants.
	f.run(node.Operator, &supernodetypes.MsgAddBond{Operator: order.Operator, Amount: sdk.NewInt64Coin(types.Denom, slashOf(bond)+1)})
	f.nextEpoch()
	f.block()
	require.False(t, f.suspended(order.Operator))
	entries := 0
	require.NoError(t, f.App.MarketKeeper.Suspensions.Walk(f.Context(), nil, func(collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
		entries++
		return false, nil
	}))
	require.Zero(t, entries, "those of former epochs are dropped")
	bond = f.selfBond(order.Operator)
	last := f.buyFrom("sold", order.Operator)
	f.blocks(deliveryWindow)
	require.True(t, f.order(last.Id).Status.Ended())
	require.Equal(t, bond-slashOf(bond), f.selfBond(order.Operator), "another epoch, another slash")
}

// buyFrom orders a content until the order is assigned to an operator.
func (f *orderChain) buyFrom(content, operator string) types.Order {
	f.t.Helper()
	for range 64 {
		item := f.item(content)
		id := types.NewOrderID(f.buyer.Address, item.Sha256, item.OneTimeKey)
		var drawn string
		require.NoError(f.t, f.try(func(ctx context.Context, msgs types.MsgServer) error {
			_, err := msgs.OrderSamples(ctx, f.orderMsg(item))
			require.NoError(f.t, err)
			order, err := f.App.MarketKeeper.Orders.Get(ctx, id)
			drawn = order.Operator
			return err
		}))
		if drawn == operator {
			f.run(f.buyer, f.orderMsg(item))
			f.bought++
			return f.order(id)
		}
	}
	require.Fail(f.t, "never assigned", operator)
	return types.Order{}
}

// feesPerMessage is how many times the gas of one order an attempt offers.
const feesPerMessage = 4

// attempts orders a content several times in one message.
func (f *orderChain) attempts(content string, n int) (orders []types.Order) {
	f.t.Helper()
	items := make([]types.Item, n)
	for i := range items {
		items[i] = f.item(content)
	}
	f.block(f.SignTx(f.buyer, chaintest.Tx{Msgs: []sdk.Msg{f.orderMsg(items...)}, Gas: chaintest.Gas * feesPerMessage}))
	f.bought += feesPerMessage
	for _, item := range items {
		orders = append(orders, f.order(types.NewOrderID(f.buyer.Address, item.Sha256, item.OneTimeKey)))
	}
	return orders
}

// Nobody can deliver, and nobody is punished, when all who could have failed already.
func TestNobodyLeftToDeliver(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	f.attempts("sold", 24) // among the two that hold it
	f.blocks(deliveryWindow)
	f.attempts("sold", 24) // among the two that are left
	f.blocks(deliveryWindow)
	require.ErrorIs(t, f.try(func(ctx context.Context, msgs types.MsgServer) error {
		_, err := msgs.OrderSamples(ctx, f.orderMsg(f.item("sold")))
		return err
	}), types.ErrNoDeliverer)
}
