package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// DeliverKeys takes the sealed file keys of open orders. A key that is not wanted, any more
// or yet, is skipped; whether it is right, only its buyer can tell.
func (s msgServer) DeliverKeys(ctx context.Context, msg *types.MsgDeliverKeys) (*types.MsgDeliverKeysResponse, error) {
	sidecar, err := types.ParseAddress("sidecar", msg.Sidecar)
	if err != nil {
		return nil, err
	}
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(msg.Keys); n == 0 || n > int(params.MaxOrdersPerMsg) {
		return nil, types.ErrInvalidOrder.Wrapf("keys: %d, want 1..%d", n, params.MaxOrdersPerMsg)
	}
	for i, key := range msg.Keys {
		if n := len(key.Sealed); n != types.SealedKeySize {
			return nil, types.ErrInvalidKey.Wrapf("keys[%d].sealed: %d bytes, want %d", i, n, types.SealedKeySize)
		}
	}
	seated, err := s.mayDeliver(ctx, sidecar, operator)
	if err != nil {
		return nil, err
	}

	response := &types.MsgDeliverKeysResponse{}
	for _, key := range msg.Keys {
		order, wanted, err := s.wanted(ctx, key.Order, operator, seated)
		if err != nil {
			return nil, err
		}
		if !wanted {
			response.Skipped++
			continue
		}
		if err := s.deliver(ctx, order, operator, key.Sealed); err != nil {
			return nil, err
		}
		response.Delivered++
	}
	if !seated && response.Delivered == 0 {
		return nil, types.ErrNoDeliverer.Wrapf("operator %s has no seat, and nothing of this is assigned to it", operator)
	}
	return response, nil
}

// mayDeliver wants the sidecar of an operator that was not slashed in the current epoch for
// its deliveries, and tells whether the operator takes part in the epoch.
func (k *Keeper) mayDeliver(ctx context.Context, sidecar, operator sdk.AccAddress) (seated bool, err error) {
	signs, err := k.supernode.SidecarOf(ctx, operator)
	if supernodetypes.ErrNotFound.Is(err) {
		return false, types.ErrForeignSidecar.Wrapf("operator %s is not registered", operator)
	}
	if err != nil {
		return false, err
	}
	if !bytes.Equal(signs, sidecar) {
		return false, types.ErrForeignSidecar.Wrapf("sidecar %s, that of operator %s is %s", sidecar, operator, signs)
	}
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return false, err
	}
	suspended, err := k.Suspensions.Has(ctx, collections.Join(epoch.Number, operator))
	if err != nil {
		return false, err
	}
	if suspended {
		return false, types.ErrSuspended.Wrapf("operator %s, epoch %d", operator, epoch.Number)
	}
	return k.supernode.IsSeated(ctx, epoch.Number, operator)
}

// wanted returns an order if its key can be delivered now by this operator. Who is assigned
// may deliver also without a seat, because it is slashed when it does not.
func (k *Keeper) wanted(ctx context.Context, id []byte, operator sdk.AccAddress, seated bool) (order types.Order, wanted bool, err error) {
	order, err = k.Orders.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return order, false, nil
	}
	if err != nil {
		return order, false, err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	mine := operator.String() == order.Operator || (seated && height >= order.FallbackHeight)
	if order.Status != types.ORDER_STATUS_OPEN || height > order.DueHeight || !mine {
		return order, false, nil
	}
	sample, err := k.samples.Get(ctx, order.Sha256)
	if samplestypes.ErrNotFound.Is(err) {
		return order, true, nil // who has the key still may sell what was ordered
	}
	return order, sample.Status != samplestypes.STATUS_BLOCKED, err
}

// deliver starts the time in which the buyer can dispute the key.
func (k *Keeper) deliver(ctx context.Context, order types.Order, operator sdk.AccAddress, sealed []byte) error {
	if err := k.unassign(ctx, order); err != nil {
		return err
	}
	order.Status, order.Operator, order.SealedKey = types.ORDER_STATUS_DELIVERED, operator.String(), sealed
	due := sdk.UnwrapSDKContext(ctx).BlockHeight() + int64(order.DisputeWindowBlocks)
	if err := k.requeue(ctx, order, due); err != nil {
		return err
	}
	return emit(ctx, &types.EventDelivered{Order: order.Id, Operator: order.Operator, DueHeight: due})
}
