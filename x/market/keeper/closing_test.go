package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// A sample that is taken down, or is not there any more, is nobody's fault.
func TestBlockedSample(t *testing.T) {
	for name, lose := range map[string]func(f *orderChain){
		"taken down": func(f *orderChain) {
			f.run(f.authority, &samplestypes.MsgBlockSample{Authority: f.authority.Address.String(), Sha256: contentHash("sold"), Reason: "court order"})
		},
		"lapsed": func(f *orderChain) {
			f.blockAfter(2 * time.Hour)
			f.block()
		},
		"submitted anew": func(f *orderChain) {
			f.blockAfter(2 * time.Hour)
			f.block()
			f.run(f.rival, f.rival.Submit(sealed("sold")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newOrderChain(t)
			f.sell("sold")
			delivered := f.deliver(f.buy("sold"), "sold")
			order := f.buy("sold")
			before, bond := f.balance(f.buyer.Address), f.selfBond(order.Operator)
			lose(f)
			for f.Height < order.DueHeight {
				f.block()
			}
			f.requireEnded(order, types.ORDER_STATUS_REFUNDED, types.ENDING_BLOCKED)
			require.Equal(t, before+orderPrice, f.balance(f.buyer.Address))
			require.Equal(t, bond, f.selfBond(order.Operator))
			require.False(t, f.suspended(order.Operator))
			require.Equal(t, types.ORDER_STATUS_SETTLED, f.order(delivered.Id).Status, "what was delivered before is paid")
		})
	}
}

// The operator may be gone when its order ends; the buyer gets the money all the same.
func TestSellerRetired(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold", "wrong")
	wrong := f.buy("wrong")
	node := f.node(wrong.Operator)
	order := f.deliverSealed(wrong, f.seal(wrong, fileKey("something else")))
	f.run(node.Operator, &supernodetypes.MsgRetire{Operator: order.Operator})
	f.blockAfter(26 * time.Minute)
	f.block()
	_, err := f.App.SupernodeKeeper.Supernode(f.Context(), node.Operator.Address)
	require.ErrorIs(t, err, supernodetypes.ErrNotFound)
	before := f.balance(f.buyer.Address)
	f.run(f.buyer, f.dispute(order))
	f.requireEnded(order, types.ORDER_STATUS_REFUNDED, types.ENDING_WRONG_KEY)
	require.Equal(t, before+orderPrice-fee(), f.balance(f.buyer.Address))
}

func TestSettleRefusals(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) { p.MaxOrdersPerMsg = 2 })
	f.sell("sold")
	delivered, open := f.deliver(f.buy("sold"), "sold"), f.buy("sold")
	settle := func(msg *types.MsgSettleOrders) error {
		return f.try(func(ctx context.Context, msgs types.MsgServer) error {
			_, err := msgs.SettleOrders(ctx, msg)
			return err
		})
	}
	for name, test := range map[string]struct {
		change func(*types.MsgSettleOrders)
		want   error
		text   string
	}{
		"signer":    {func(m *types.MsgSettleOrders) { m.Signer = "nobody" }, types.ErrInvalidAddress, "signer"},
		"no orders": {func(m *types.MsgSettleOrders) { m.Orders = nil }, types.ErrInvalidOrder, "orders: 0, want 1..2"},
		"too many":  {func(m *types.MsgSettleOrders) { m.Orders = make([][]byte, 3) }, types.ErrInvalidOrder, "orders: 3, want 1..2"},
		"twice":     {func(m *types.MsgSettleOrders) { m.Orders = append(m.Orders, m.Orders[0]) }, types.ErrInvalidOrder, "twice"},
		"unknown":   {func(m *types.MsgSettleOrders) { m.Orders[0] = []byte{1} }, types.ErrNotFound, "order 01"},
		"open":      {func(m *types.MsgSettleOrders) { m.Orders = append(m.Orders, open.Id) }, types.ErrOrderStatus, "OPEN"},
		"foreign":   {func(m *types.MsgSettleOrders) { m.Signer = f.rival.Address.String() }, types.ErrForeignOrder, "can be disputed until"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := f.acceptMsg(f.buyer, delivered)
			test.change(msg)
			err := settle(msg)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
	require.NoError(t, settle(f.acceptMsg(f.buyer, delivered)))
	f.accept(delivered)
	require.ErrorIs(t, settle(f.acceptMsg(f.buyer, delivered)), types.ErrOrderStatus)
}

// What is due when too much is due waits, and ends the oldest first.
func TestBacklog(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) { p.MaxClosingsPerBlock = 2 })
	f.sell("sold")
	orders := f.attempts("sold", 5)
	f.deliverAll("sold", orders...)
	f.blocks(disputeWindow)
	ended := func() (n int, overdue types.Order) {
		for _, order := range orders {
			if order = f.order(order.Id); order.Status.Ended() {
				n++
			} else {
				overdue = order
			}
		}
		return n, overdue
	}
	n, overdue := ended()
	require.Equal(t, 2, n)
	require.Error(t, f.tryDispute(f.dispute(overdue)), "its time was over")
	require.NoError(t, f.try(func(ctx context.Context, msgs types.MsgServer) error {
		response, err := msgs.SettleOrders(ctx, f.acceptMsg(f.rival, overdue))
		require.NoError(t, err)
		require.EqualValues(t, 1, response.Settled)
		return nil
	}))
	f.run(f.rival, f.acceptMsg(f.rival, overdue))
	n, _ = ended()
	require.Equal(t, 4, n)
	f.block()
	n, _ = ended()
	require.Equal(t, 5, n)
	for _, order := range orders {
		require.Equal(t, types.ENDING_UNDISPUTED, f.order(order.Id).Ending)
	}
}

// An order that cannot be ended keeps its money and is tried again; others end.
func TestFailedCloseIsTriedAgain(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold", "sold too")
	good, bad := f.deliver(f.buy("sold"), "sold"), f.deliver(f.buy("sold too"), "sold too")
	// On a branch of the state, as nothing that a chain does makes it fail.
	ctx, _ := f.Context().CacheContext()
	ctx = ctx.WithBlockHeight(bad.DueHeight).WithBlockTime(f.Time)
	held := f.App.BankKeeper.GetBalance(ctx, types.EscrowAddress(bad.Id), types.Denom)
	require.NoError(t, f.App.BankKeeper.SendCoins(ctx, types.EscrowAddress(bad.Id), f.rival.Address, sdk.NewCoins(held)))
	market := f.App.MarketKeeper
	require.NoError(t, market.EndBlock(ctx))
	order, err := market.Orders.Get(ctx, good.Id)
	require.NoError(t, err)
	require.Equal(t, types.ORDER_STATUS_SETTLED, order.Status)
	order, err = market.Orders.Get(ctx, bad.Id)
	require.NoError(t, err)
	require.Equal(t, types.ORDER_STATUS_DELIVERED, order.Status)
	require.Equal(t, bad.DueHeight+100, order.DueHeight)
	require.NoError(t, f.App.BankKeeper.SendCoins(ctx, f.rival.Address, types.EscrowAddress(bad.Id), sdk.NewCoins(held)))
	require.NoError(t, market.OrdersInvariant(ctx))
	ctx = ctx.WithBlockHeight(order.DueHeight)
	require.NoError(t, market.EndBlock(ctx))
	order, err = market.Orders.Get(ctx, bad.Id)
	require.NoError(t, err)
	require.Equal(t, types.ORDER_STATUS_SETTLED, order.Status)
	require.NoError(t, market.OrdersInvariant(ctx))
}

func TestEndedOrdersExpire(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) { p.OrderRetentionSeconds, p.MaxPrunesPerBlock = 60, 1 })
	f.sell("sold")
	ended := []types.Order{f.deliver(f.buy("sold"), "sold"), f.deliver(f.buy("sold"), "sold")}
	f.accept(ended...)
	order := f.buy("sold")
	f.blockAfter(58 * time.Second)
	require.Equal(t, 3, f.orders())
	f.blockAfter(2 * time.Second)
	require.Equal(t, 2, f.orders())
	f.block()
	require.Equal(t, 1, f.orders())
	require.Equal(t, types.ORDER_STATUS_OPEN, f.order(order.Id).Status)
}

// orders counts all.
func (f *orderChain) orders() (n int) {
	f.t.Helper()
	require.NoError(f.t, f.App.MarketKeeper.Orders.Walk(f.Context(), nil, func([]byte, types.Order) (bool, error) {
		n++
		return false, nil
	}))
	return n
}

// deliverAll delivers the right keys of several orders in one block.
func (f *orderChain) deliverAll(content string, orders ...types.Order) {
	f.t.Helper()
	var txs [][]byte
	for _, node := range f.Supernodes {
		var keys []types.SealedKey
		for _, order := range orders {
			if order.Operator == node.Operator.Address.String() {
				keys = append(keys, types.SealedKey{Order: order.Id, Sealed: f.seal(order, fileKey(content))})
			}
		}
		if len(keys) > 0 {
			txs = append(txs, f.Sign(node.Sidecar, delivery(node, keys...)))
		}
	}
	f.block(txs...)
}
