package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func (s msgServer) Appeal(ctx context.Context, msg *types.MsgAppeal) (*types.MsgAppealResponse, error) {
	return nil, errUnwritten
}

func (s msgServer) EscalateAppeal(ctx context.Context, msg *types.MsgEscalateAppeal) (*types.MsgEscalateAppealResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Appeal(ctx context.Context, req *types.QueryAppealRequest) (*types.QueryAppealResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Appeals(ctx context.Context, req *types.QueryAppealsRequest) (*types.QueryAppealsResponse, error) {
	return nil, errUnwritten
}
