package keeper_test

import (
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/types"
)

// item is an order of a content with a new one-time key, whose secret is kept.
func (f *orderChain) item(content string) types.Item {
	f.t.Helper()
	secret, oneTimeKey, err := types.NewOneTimeKey()
	require.NoError(f.t, err)
	f.secrets[string(types.NewOrderID(f.buyer.Address, contentHash(content), oneTimeKey))] = secret
	return types.Item{Sha256: contentHash(content), OneTimeKey: oneTimeKey}
}

func (f *orderChain) orderMsg(items ...types.Item) *types.MsgOrderSamples {
	return &types.MsgOrderSamples{Buyer: f.buyer.Address.String(), Items: items, MaxPrice: sdk.NewInt64Coin(types.Denom, 100*orderPrice)}
}

// buy orders a content in a block of its own.
func (f *orderChain) buy(content string) types.Order {
	f.t.Helper()
	item := f.item(content)
	f.run(f.buyer, f.orderMsg(item))
	f.bought++
	return f.order(types.NewOrderID(f.buyer.Address, item.Sha256, item.OneTimeKey))
}

func (f *orderChain) order(id []byte) types.Order {
	f.t.Helper()
	order, err := f.App.MarketKeeper.Orders.Get(f.Context(), id)
	require.NoError(f.t, err)
	return order
}

// node is the supernode of an operator.
func (f *orderChain) node(operator string) *chaintest.Supernode {
	f.t.Helper()
	for _, node := range f.Supernodes {
		if node.Operator.Address.String() == operator {
			return node
		}
	}
	require.Fail(f.t, "no such operator", operator)
	return nil
}

// other is the first supernode that is not of an operator.
func (f *orderChain) other(operator string) *chaintest.Supernode {
	if f.Supernodes[0].Operator.Address.String() == operator {
		return f.Supernodes[1]
	}
	return f.Supernodes[0]
}

// seal seals a key for an order.
func (f *orderChain) seal(order types.Order, key []byte) []byte {
	f.t.Helper()
	sealed, err := types.SealFileKey(order.OneTimeKey, types.ExchangeInfo(chaintest.ChainID, order.Id), key)
	require.NoError(f.t, err)
	return sealed
}

func delivery(node *chaintest.Supernode, keys ...types.SealedKey) *types.MsgDeliverKeys {
	return &types.MsgDeliverKeys{Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String(), Keys: keys}
}

// deliver delivers the right key of a content in a block of its own, by who is assigned.
func (f *orderChain) deliver(order types.Order, content string) types.Order {
	f.t.Helper()
	return f.deliverSealed(order, f.seal(order, fileKey(content)))
}

func (f *orderChain) deliverSealed(order types.Order, sealed []byte) types.Order {
	f.t.Helper()
	node := f.node(order.Operator)
	f.run(node.Sidecar, delivery(node, types.SealedKey{Order: order.Id, Sealed: sealed}))
	delivered := f.order(order.Id)
	require.Equal(f.t, types.ORDER_STATUS_DELIVERED, delivered.Status)
	return delivered
}

func (f *orderChain) accept(orders ...types.Order) { f.run(f.buyer, f.acceptMsg(f.buyer, orders...)) }

func (f *orderChain) acceptMsg(by *chaintest.Account, orders ...types.Order) *types.MsgSettleOrders {
	msg := &types.MsgSettleOrders{Signer: by.Address.String()}
	for _, order := range orders {
		msg.Orders = append(msg.Orders, order.Id)
	}
	return msg
}

func (f *orderChain) dispute(order types.Order) *types.MsgDisputeKey {
	return &types.MsgDisputeKey{Buyer: f.buyer.Address.String(), Order: order.Id, Secret: f.secrets[string(order.Id)]}
}

func (f *orderChain) give(to sdk.AccAddress, amount int64) {
	f.t.Helper()
	f.run(f.rival, banktypes.NewMsgSend(f.rival.Address, to, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, amount))))
}
