package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// errUnwritten marks what is not there yet.
var errUnwritten = errors.New("unwritten")

func (m msgServer) Delegate(ctx context.Context, msg *types.MsgDelegate) (*types.MsgDelegateResponse, error) {
	return nil, errUnwritten
}

func (m msgServer) Redelegate(ctx context.Context, msg *types.MsgRedelegate) (*types.MsgRedelegateResponse, error) {
	return nil, errUnwritten
}

func (m msgServer) Undelegate(ctx context.Context, msg *types.MsgUndelegate) (*types.MsgUndelegateResponse, error) {
	return nil, errUnwritten
}
