package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (s msgServer) OrderSamples(ctx context.Context, msg *types.MsgOrderSamples) (*types.MsgOrderSamplesResponse, error) {
	return nil, errors.New("not written")
}
