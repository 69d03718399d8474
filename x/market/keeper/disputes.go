package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (s msgServer) DisputeKey(ctx context.Context, msg *types.MsgDisputeKey) (*types.MsgDisputeKeyResponse, error) {
	return nil, errors.New("not written")
}
