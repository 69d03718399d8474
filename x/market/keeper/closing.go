package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (s msgServer) SettleOrders(ctx context.Context, msg *types.MsgSettleOrders) (*types.MsgSettleOrdersResponse, error) {
	return nil, errors.New("not written")
}

func (k *Keeper) closeOrders(ctx context.Context) error { return nil }

func (k *Keeper) pruneOrders(ctx context.Context) error { return nil }
