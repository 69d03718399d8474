package keeper

import (
	"context"
	"crypto/sha256"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// OrderSamples takes the price of each sample into an escrow of its own. Orders that exist
// already are left as they are, so that a message can be sent again.
func (s msgServer) OrderSamples(ctx context.Context, msg *types.MsgOrderSamples) (*types.MsgOrderSamplesResponse, error) {
	buyer, err := types.ParseAddress("buyer", msg.Buyer)
	if err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := validateItems(params, buyer, msg)
	if err != nil {
		return nil, err
	}
	orders, err := s.newOrders(ctx, params, buyer, ids, msg)
	if err != nil {
		return nil, err
	}

	response := &types.MsgOrderSamplesResponse{Orders: ids, Paid: math.ZeroInt(), Known: uint32(len(ids) - len(orders))}
	for _, order := range orders {
		if err := s.open(ctx, buyer, order); err != nil {
			return nil, err
		}
		response.Paid = response.Paid.Add(order.Price)
	}
	return response, nil
}

// validateItems checks all that needs no state, and returns the ids of the orders.
func validateItems(params types.Params, buyer sdk.AccAddress, msg *types.MsgOrderSamples) ([][]byte, error) {
	if n := len(msg.Items); n == 0 || n > int(params.MaxOrdersPerMsg) {
		return nil, types.ErrInvalidOrder.Wrapf("items: %d, want 1..%d", n, params.MaxOrdersPerMsg)
	}
	if maximum := msg.MaxPrice; maximum.Denom != types.Denom || maximum.Amount.IsNil() || !maximum.Amount.IsPositive() {
		return nil, types.ErrInvalidAmount.Wrapf("max_price: %s, want 1%s or more", maximum, types.Denom)
	}
	ids, first := make([][]byte, len(msg.Items)), make(map[string]int, len(msg.Items))
	for i, item := range msg.Items {
		if len(item.Sha256) != sha256.Size {
			return nil, types.ErrInvalidOrder.Wrapf("items[%d].sha256: %d bytes, want %d", i, len(item.Sha256), sha256.Size)
		}
		if err := types.ValidateOneTimeKey(item.OneTimeKey); err != nil {
			return nil, errorsmod.Wrapf(err, "items[%d]", i)
		}
		ids[i] = types.NewOrderID(buyer, item.Sha256, item.OneTimeKey)
		if j, twice := first[string(ids[i])]; twice {
			return nil, types.ErrInvalidOrder.Wrapf("items[%d]: the same as items[%d]", i, j)
		}
		first[string(ids[i])] = i
	}
	return ids, nil
}

// newOrders makes the orders of a message that do not exist yet; it writes nothing.
func (k *Keeper) newOrders(ctx context.Context, params types.Params, buyer sdk.AccAddress, ids [][]byte, msg *types.MsgOrderSamples) ([]types.Order, error) {
	var orders []types.Order
	var deliverers []sdk.AccAddress
	for i, item := range msg.Items {
		known, err := k.Orders.Has(ctx, ids[i])
		if err != nil {
			return nil, err
		}
		if known {
			continue
		}
		if deliverers == nil { // the first that is new
			if err := k.requireWhole(ctx, msg.Bundle, msg.Items); err != nil {
				return nil, err
			}
			if deliverers, err = k.deliverers(ctx); err != nil {
				return nil, err
			}
		}
		order, err := k.quoted(ctx, params, item.Sha256, msg)
		if err != nil {
			return nil, errorsmod.Wrapf(err, "items[%d]", i)
		}
		if order.Operator, err = k.assign(ctx, ids[i], item.Sha256, deliverers); err != nil {
			return nil, errorsmod.Wrapf(err, "items[%d]", i)
		}
		order.Id, order.OneTimeKey, order.Buyer = ids[i], item.OneTimeKey, buyer.String()
		orders = append(orders, order)
	}
	return orders, nil
}

// quoted is an order of a sample at the price of now, without its id, buyer, key and operator.
func (k *Keeper) quoted(ctx context.Context, params types.Params, hash []byte, msg *types.MsgOrderSamples) (types.Order, error) {
	sample, product, err := k.offer(ctx, params, hash)
	if err != nil {
		return types.Order{}, err
	}
	price, err := k.currentPrice(ctx, product)
	if err != nil {
		return types.Order{}, err
	}
	if len(msg.Bundle) > 0 {
		price = params.Discounted(price)
	}
	amount := math.NewIntFromUint64(price)
	if amount.GT(msg.MaxPrice.Amount) {
		return types.Order{}, types.ErrPriceAboveMax.Wrapf("%s costs %s%s, max_price is %s", product.Id, amount, types.Denom, msg.MaxPrice)
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	height := sdkCtx.BlockHeight()
	return types.Order{
		Sha256: hash, Product: product.Id, Price: amount, Bundle: msg.Bundle,
		Rates: params.Rates, Sealing: sample.Sealing, Contributor: sample.Contributor,
		OrderedHeight: height, OrderedTime: sdkCtx.BlockTime().Unix(),
		FallbackHeight: height + int64(params.FallbackBlocks), DueHeight: height + int64(params.DeliveryWindowBlocks),
		DisputeWindowBlocks: params.DisputeWindowBlocks, Status: types.ORDER_STATUS_OPEN, Split: types.NoSplit(),
	}, nil
}

// deliverers are the operators that take part in the current epoch and were not slashed in
// it for their deliveries.
func (k *Keeper) deliverers(ctx context.Context) ([]sdk.AccAddress, error) {
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return nil, err
	}
	operators, err := k.attesters(ctx)
	if err != nil {
		return nil, err
	}
	able := make([]sdk.AccAddress, 0, len(operators))
	for _, operator := range operators {
		suspended, err := k.Suspensions.Has(ctx, collections.Join(epoch.Number, operator))
		if err != nil {
			return nil, err
		}
		if !suspended {
			able = append(able, operator)
		}
	}
	return able, nil
}

// attesters are the operators that take part in the current epoch.
func (k *Keeper) attesters(ctx context.Context) ([]sdk.AccAddress, error) {
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return nil, err
	}
	seats, err := k.supernode.Attesters(ctx, epoch.Number)
	if err != nil {
		return nil, err
	}
	operators := make([]sdk.AccAddress, len(seats))
	for i, seat := range seats {
		if operators[i], err = types.ParseAddress("operator", seat.Operator); err != nil {
			return nil, err
		}
	}
	return operators, nil
}

// assign draws who delivers an order among those of the operators that hold its sample.
func (k *Keeper) assign(ctx context.Context, id, hash []byte, operators []sdk.AccAddress) (string, error) {
	replication, err := k.samples.Replication(ctx)
	if err != nil {
		return "", err
	}
	drawn := samplestypes.Holders(id, samplestypes.Holders(hash, operators, int(replication)), 1)
	if len(drawn) == 0 {
		return "", types.ErrNoDeliverer.Wrapf("sample %x: of the current epoch nobody may", hash)
	}
	return drawn[0].String(), nil
}

// open takes the money of an order and enters the order where it waits.
func (k *Keeper) open(ctx context.Context, buyer sdk.AccAddress, order types.Order) error {
	if err := k.send(ctx, buyer, types.EscrowAddress(order.Id), order.Price); err != nil {
		return err
	}
	if err := k.insertOrder(ctx, order); err != nil {
		return err
	}
	if err := k.Uncounted.Set(ctx, order.Id); err != nil {
		return err
	}
	return emit(ctx, &types.EventOrdered{
		Order: order.Id, Buyer: order.Buyer, Sha256: order.Sha256, Product: order.Product,
		Price: order.Price.String(), Operator: order.Operator, DueHeight: order.DueHeight,
	})
}

// order returns an order or ErrNotFound.
func (k *Keeper) order(ctx context.Context, id []byte) (types.Order, error) {
	order, err := k.Orders.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return order, types.ErrNotFound.Wrapf("order %x", id)
	}
	return order, err
}
