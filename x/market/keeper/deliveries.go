package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (s msgServer) DeliverKeys(ctx context.Context, msg *types.MsgDeliverKeys) (*types.MsgDeliverKeysResponse, error) {
	return nil, errors.New("not written")
}
