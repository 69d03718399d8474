package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

func TestDelivery(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.buy("sold")
	delivered := f.deliver(order, "sold")
	require.Equal(t, f.Height+disputeWindow, delivered.DueHeight)
	require.Equal(t, order.Operator, delivered.Operator)
	require.Equal(t, []*types.EventDelivered{{Order: order.Id, Operator: order.Operator, DueHeight: delivered.DueHeight}},
		marketEvents[*types.EventDelivered](f))
	info := types.ExchangeInfo(chaintest.ChainID, order.Id)
	key, err := types.OpenFileKey(f.secrets[string(order.Id)], info, delivered.SealedKey)
	require.NoError(t, err)
	require.Equal(t, fileKey("sold"), key)
	require.True(t, types.CommitsTo(order.Sealing.KeyCommitment, key))

	for range disputeWindow {
		require.Equal(t, types.ORDER_STATUS_DELIVERED, f.order(order.Id).Status)
		f.block()
	}
	f.requireEnded(order, types.ORDER_STATUS_SETTLED, types.ENDING_UNDISPUTED)
}

// delivers tells how many keys a supernode could deliver with the next block.
func (f *orderChain) delivers(node *chaintest.Supernode, keys ...types.SealedKey) (delivered, skipped uint32, err error) {
	err = f.try(func(ctx context.Context, msgs types.MsgServer) error {
		response, err := msgs.DeliverKeys(ctx, delivery(node, keys...))
		if err == nil {
			delivered, skipped = response.Delivered, response.Skipped
		}
		return err
	})
	return delivered, skipped, err
}

// Others than who is assigned may deliver after a while, and are paid for it then.
func TestFallback(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.buy("sold")
	other := f.other(order.Operator)
	key := types.SealedKey{Order: order.Id, Sealed: f.seal(order, fileKey("sold"))}
	for f.Height+1 < order.FallbackHeight {
		delivered, skipped, err := f.delivers(other, key)
		require.NoError(t, err)
		require.Equal(t, [2]uint32{0, 1}, [2]uint32{delivered, skipped})
		f.block()
	}
	before := f.rewards(other)
	f.run(other.Sidecar, delivery(other, key))
	require.Equal(t, other.Operator.Address.String(), f.order(order.Id).Operator)
	f.accept(order)
	f.requireEnded(order, types.ORDER_STATUS_SETTLED, types.ENDING_ACCEPTED)
	require.GreaterOrEqual(t, f.rewards(other), before+150_000)
}

// The last block of the window still counts; one later there is nothing to deliver.
func TestDeliveryAtTheEndOfTheWindow(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.buy("sold")
	f.blocks(deliveryWindow - 1)
	require.Equal(t, order.DueHeight, f.Height+1)
	delivered := f.deliver(order, "sold")
	require.Equal(t, order.DueHeight+disputeWindow, delivered.DueHeight)

	late := f.buy("sold")
	f.blocks(deliveryWindow)
	f.requireEnded(late, types.ORDER_STATUS_REFUNDED, types.ENDING_NOT_DELIVERED)
}

func TestDeliverySkips(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold", "taken down")
	order, blocked := f.buy("sold"), f.buy("taken down")
	f.run(f.authority, &samplestypes.MsgBlockSample{Authority: f.authority.Address.String(), Sha256: contentHash("taken down"), Reason: "court order"})
	node := f.node(order.Operator)
	good := types.SealedKey{Order: order.Id, Sealed: f.seal(order, fileKey("sold"))}
	for f.Height+1 < blocked.FallbackHeight { // so that it is only skipped for being taken down
		f.block()
	}
	delivered, skipped, err := f.delivers(node,
		types.SealedKey{Order: []byte("unknown"), Sealed: good.Sealed}, good, good, // the second time it is delivered already
		types.SealedKey{Order: blocked.Id, Sealed: f.seal(blocked, fileKey("taken down"))})
	require.NoError(t, err)
	require.Equal(t, [2]uint32{1, 3}, [2]uint32{delivered, skipped})
}

func TestDeliveryRefusals(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) { p.MaxOrdersPerMsg = 2 })
	f.sell("sold")
	order := f.buy("sold")
	node := f.node(order.Operator)
	good := types.SealedKey{Order: order.Id, Sealed: f.seal(order, fileKey("sold"))}
	for name, test := range map[string]struct {
		change func(*types.MsgDeliverKeys)
		want   error
		text   string
	}{
		"sidecar":         {func(m *types.MsgDeliverKeys) { m.Sidecar = "nobody" }, types.ErrInvalidAddress, "sidecar"},
		"operator":        {func(m *types.MsgDeliverKeys) { m.Operator = "nobody" }, types.ErrInvalidAddress, "operator"},
		"no keys":         {func(m *types.MsgDeliverKeys) { m.Keys = nil }, types.ErrInvalidOrder, "keys: 0, want 1..2"},
		"too many":        {func(m *types.MsgDeliverKeys) { m.Keys = []types.SealedKey{good, good, good} }, types.ErrInvalidOrder, "keys: 3, want 1..2"},
		"short":           {func(m *types.MsgDeliverKeys) { m.Keys = []types.SealedKey{good, {Sealed: good.Sealed[1:]}} }, types.ErrInvalidKey, "keys[1].sealed: 1151 bytes, want 1152"},
		"unregistered":    {func(m *types.MsgDeliverKeys) { m.Operator = f.rival.Address.String() }, types.ErrForeignSidecar, "not registered"},
		"foreign sidecar": {func(m *types.MsgDeliverKeys) { m.Sidecar = f.other(m.Operator).Sidecar.Address.String() }, types.ErrForeignSidecar, "that of operator"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := delivery(node, good)
			test.change(msg)
			err := f.try(func(ctx context.Context, msgs types.MsgServer) error {
				_, err := msgs.DeliverKeys(ctx, msg)
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// Who lost its seat delivers what is assigned to it, for which it would be slashed, and
// nothing else.
func TestDeliveryWithoutASeat(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.buy("sold")
	assigned, other := f.node(order.Operator), f.other(order.Operator)
	for _, node := range []*chaintest.Supernode{assigned, other} {
		f.run(node.Operator, &supernodetypes.MsgRetire{Operator: node.Operator.Address.String()})
	}
	f.nextEpoch()
	require.Len(t, f.SeatedNodes(), 2)
	key := types.SealedKey{Order: order.Id, Sealed: f.seal(order, fileKey("sold"))}
	for f.Height+1 < order.FallbackHeight {
		f.block()
	}
	_, _, err := f.delivers(other, key)
	require.ErrorIs(t, err, types.ErrNoDeliverer)
	f.run(assigned.Sidecar, delivery(assigned, key))
	require.Equal(t, types.ORDER_STATUS_DELIVERED, f.order(order.Id).Status)
}
