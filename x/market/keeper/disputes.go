package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

// openingGas is for the decapsulation and the hashes with which the chain opens a sealed key.
const openingGas = 50_000

// DisputeKey opens the key of an order with the buyer's one-time secret. A wrong one is
// refunded; the bond is lost for a right one. The buyer must have the bond either way, so
// that trying is never free.
func (s msgServer) DisputeKey(ctx context.Context, msg *types.MsgDisputeKey) (*types.MsgDisputeKeyResponse, error) {
	buyer, err := types.ParseAddress("buyer", msg.Buyer)
	if err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	order, err := s.disputable(ctx, buyer, msg.Order)
	if err != nil {
		return nil, err
	}
	bond := params.DisputeBond
	if held := s.bank.GetBalance(ctx, buyer, bond.Denom); held.IsLT(bond) {
		return nil, types.ErrInvalidAmount.Wrapf("buyer has %s, dispute_bond is %s", held, bond)
	}
	right, err := opens(ctx, order, msg.Secret)
	if err != nil {
		return nil, err
	}

	if right {
		return &types.MsgDisputeKeyResponse{}, s.overrule(ctx, order, buyer, bond)
	}
	return &types.MsgDisputeKeyResponse{Upheld: true}, s.uphold(ctx, order)
}

// disputable returns an order that its buyer can still dispute.
func (k *Keeper) disputable(ctx context.Context, buyer sdk.AccAddress, id []byte) (types.Order, error) {
	order, err := k.order(ctx, id)
	if err != nil {
		return order, err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	switch {
	case order.Buyer != buyer.String():
		return order, types.ErrForeignOrder.Wrapf("order %x is of %s", id, order.Buyer)
	case order.Status != types.ORDER_STATUS_DELIVERED || order.Ending != types.ENDING_UNSPECIFIED:
		return order, types.ErrOrderStatus.Wrapf("order %x is %s (%s), want %s", id, order.Status, order.Ending, types.ORDER_STATUS_DELIVERED)
	case height > order.DueHeight:
		return order, types.ErrOrderStatus.Wrapf("order %x could be disputed until block %d", id, order.DueHeight)
	}
	return order, nil
}

// opens tells whether the sealed key of an order is right. ErrInvalidKey: the secret is not
// that of the order.
func opens(ctx context.Context, order types.Order, secret []byte) (bool, error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	sdkCtx.GasMeter().ConsumeGas(openingGas, "open a sealed key")
	public, err := types.OneTimeKeyOf(secret)
	if err != nil {
		return false, err
	}
	if !bytes.Equal(public, order.OneTimeKey) {
		return false, types.ErrInvalidKey.Wrapf("secret: not that of order %x", order.Id)
	}
	// A key that does not open is as wrong as one that opens to something else.
	fileKey, err := types.OpenFileKey(secret, types.ExchangeInfo(sdkCtx.ChainID(), order.Id), order.SealedKey)
	return err == nil && types.CommitsTo(order.Sealing.KeyCommitment, fileKey), nil
}

// overrule takes the bond, which is burned when the order ends with this block.
func (k *Keeper) overrule(ctx context.Context, order types.Order, buyer sdk.AccAddress, bond sdk.Coin) error {
	if err := k.send(ctx, buyer, types.EscrowAddress(order.Id), bond.Amount); err != nil {
		return err
	}
	order.Ending = types.ENDING_RIGHT_KEY
	return k.endNow(ctx, order, &types.EventDisputed{Order: order.Id, Bond: bond.Amount.String()})
}

func (k *Keeper) uphold(ctx context.Context, order types.Order) error {
	order.Status, order.Ending = types.ORDER_STATUS_WRONG, types.ENDING_WRONG_KEY
	return k.endNow(ctx, order, &types.EventDisputed{Order: order.Id, Upheld: true, Bond: math.ZeroInt().String()})
}

func (k *Keeper) endNow(ctx context.Context, order types.Order, event *types.EventDisputed) error {
	if err := k.requeue(ctx, order, sdk.UnwrapSDKContext(ctx).BlockHeight()); err != nil {
		return err
	}
	return emit(ctx, event)
}
