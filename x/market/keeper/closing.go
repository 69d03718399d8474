package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// retryBlocks is after how many blocks an order that could not be ended is tried again.
const retryBlocks = 100

// SettleOrders lets delivered orders end with this block: the buyer's own before the end of
// the window. Those that are overdue already, as when many end at once, anybody may name;
// they are the first in the queue.
func (s msgServer) SettleOrders(ctx context.Context, msg *types.MsgSettleOrders) (*types.MsgSettleOrdersResponse, error) {
	signer, err := types.ParseAddress("signer", msg.Signer)
	if err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(msg.Orders); n == 0 || n > int(params.MaxOrdersPerMsg) {
		return nil, types.ErrInvalidOrder.Wrapf("orders: %d, want 1..%d", n, params.MaxOrdersPerMsg)
	}
	orders := make([]types.Order, len(msg.Orders))
	named := make(map[string]bool, len(msg.Orders))
	for i, id := range msg.Orders {
		if named[string(id)] {
			return nil, types.ErrInvalidOrder.Wrapf("orders[%d]: %x comes twice", i, id)
		}
		named[string(id)] = true
		if orders[i], err = s.settleable(ctx, signer, id); err != nil {
			return nil, err
		}
	}

	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	for _, order := range orders {
		if order.Buyer != signer.String() {
			continue
		}
		order.Ending = types.ENDING_ACCEPTED
		if err := s.requeue(ctx, order, min(height, order.DueHeight)); err != nil {
			return nil, err
		}
	}
	return &types.MsgSettleOrdersResponse{Settled: uint32(len(orders))}, nil
}

// settleable returns an order that the signer may let end.
func (k *Keeper) settleable(ctx context.Context, signer sdk.AccAddress, id []byte) (types.Order, error) {
	order, err := k.order(ctx, id)
	if err != nil {
		return order, err
	}
	overdue := sdk.UnwrapSDKContext(ctx).BlockHeight() > order.DueHeight
	switch {
	case order.Status != types.ORDER_STATUS_DELIVERED || order.Ending != types.ENDING_UNSPECIFIED:
		return order, types.ErrOrderStatus.Wrapf("order %x is %s (%s), want %s", id, order.Status, order.Ending, types.ORDER_STATUS_DELIVERED)
	case order.Buyer != signer.String() && !overdue:
		return order, types.ErrForeignOrder.Wrapf("order %x is of %s, and can be disputed until block %d", id, order.Buyer, order.DueHeight)
	}
	return order, nil
}

// closeOrders ends the orders that are due, the oldest first, max_closings_per_block of
// them. One that fails keeps its money and is tried again later.
func (k *Keeper) closeOrders(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	due, err := endblock.Take(ctx, k.Due, collections.NewPrefixUntilPairRange[int64, []byte](height), int(params.MaxClosingsPerBlock))
	if err != nil {
		return err
	}
	for _, key := range due {
		err := endblock.Isolate(ctx, fmt.Sprintf("end of order %x", key.K2()), func(ctx context.Context) error {
			return k.closeOrder(ctx, key.K2())
		})
		if err == nil {
			continue
		}
		order, err := k.order(ctx, key.K2())
		if err != nil {
			return err
		}
		if err := k.requeue(ctx, order, height+retryBlocks); err != nil {
			return err
		}
	}
	return nil
}

// closeOrder is how every order ends. One that has ended already is left alone.
func (k *Keeper) closeOrder(ctx context.Context, id []byte) error {
	order, err := k.Orders.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) || order.Status.Ended() {
		return nil
	}
	if err != nil {
		return err
	}
	switch order.Status {
	case types.ORDER_STATUS_OPEN:
		return k.giveUp(ctx, order)
	case types.ORDER_STATUS_WRONG:
		return k.refund(ctx, order, types.ENDING_WRONG_KEY, true)
	default:
		return k.settle(ctx, order)
	}
}

// giveUp refunds an order that nobody delivered, which is nobody's fault when its sample is
// not there any more to be delivered.
func (k *Keeper) giveUp(ctx context.Context, order types.Order) error {
	sample, there, err := k.ordered(ctx, order)
	if err != nil {
		return err
	}
	if err := k.unassign(ctx, order); err != nil {
		return err
	}
	if !there || sample.Status == samplestypes.STATUS_BLOCKED || sample.Status == samplestypes.STATUS_INVALID {
		return k.refund(ctx, order, types.ENDING_BLOCKED, false)
	}
	return k.refund(ctx, order, types.ENDING_NOT_DELIVERED, true)
}

// ordered returns the record of the sample that was ordered; it is not there when it has
// expired, also where the content was submitted anew since.
func (k *Keeper) ordered(ctx context.Context, order types.Order) (sample samplestypes.Sample, there bool, err error) {
	sample, err = k.samples.Get(ctx, order.Sha256)
	if samplestypes.ErrNotFound.Is(err) {
		return sample, false, nil
	}
	return sample, sample.SubmittedHeight <= order.OrderedHeight, err
}

func (k *Keeper) refund(ctx context.Context, order types.Order, ending types.Ending, fault bool) (err error) {
	slashed := ""
	if fault {
		if slashed, err = k.slash(ctx, order.Operator); err != nil {
			return err
		}
	}
	order.Status, order.Ending = types.ORDER_STATUS_REFUNDED, ending
	return k.end(ctx, order, types.EventOrderEnded{Slashed: slashed})
}

// slash punishes an operator once in an epoch, for the rest of which it neither is assigned
// orders nor delivers. It returns whom it has slashed.
func (k *Keeper) slash(ctx context.Context, operator string) (slashed string, err error) {
	address, err := types.ParseAddress("operator", operator)
	if err != nil {
		return "", err
	}
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return "", err
	}
	key := collections.Join(epoch.Number, address)
	suspended, err := k.Suspensions.Has(ctx, key)
	if err != nil || suspended {
		return "", err
	}
	if err := k.Suspensions.Set(ctx, key); err != nil {
		return "", err
	}
	return operator, k.supernode.Slash(ctx, address, supernodetypes.FAULT_NON_DELIVERY)
}

// end returns to the buyer what is left in the escrow: the price that was not paid, or what
// somebody sent there. The order has its last status, ending and split.
func (k *Keeper) end(ctx context.Context, order types.Order, event types.EventOrderEnded) error {
	buyer, err := types.ParseAddress("buyer", order.Buyer)
	if err != nil {
		return err
	}
	escrow := types.EscrowAddress(order.Id)
	rest := k.bank.GetBalance(ctx, escrow, types.Denom).Amount
	if err := k.send(ctx, escrow, buyer, rest); err != nil {
		return err
	}
	if err := k.leaveBook(ctx, order); err != nil {
		return err
	}
	if err := k.Due.Remove(ctx, collections.Join(order.DueHeight, order.Id)); err != nil {
		return err
	}
	order.DueHeight, order.OneTimeKey, order.EndedTime = 0, nil, sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	if err := k.Orders.Set(ctx, order.Id, order); err != nil {
		return err
	}
	if err := k.expireLater(ctx, order); err != nil {
		return err
	}
	event.Order, event.Status, event.Ending = order.Id, order.Status, order.Ending
	event.Contributor, event.Engines = order.Split.Contributor.String(), order.Split.Engines.String()
	event.Deliverer, event.Storage = order.Split.Deliverer.String(), order.Split.Storage.String()
	event.Burned, event.Refund = order.Split.Burned.String(), rest.String()
	return emit(ctx, &event)
}

// pruneOrders drops ended orders that are too old, and the suspensions of former epochs.
func (k *Keeper) pruneOrders(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	old, err := endblock.Take(ctx, k.OrderExpiry, collections.NewPrefixUntilPairRange[int64, []byte](now), int(params.MaxPrunesPerBlock))
	if err != nil {
		return err
	}
	for _, key := range old {
		if err := k.removeOrder(ctx, key.K2()); err != nil {
			return err
		}
	}
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil || epoch.Number == 0 {
		return err
	}
	_, err = endblock.Take(ctx, k.Suspensions, collections.NewPrefixUntilPairRange[uint64, sdk.AccAddress](epoch.Number-1), int(params.MaxPrunesPerBlock))
	return err
}
