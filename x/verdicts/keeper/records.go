package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func (q queryServer) TrackRecord(ctx context.Context, req *types.QueryTrackRecordRequest) (*types.QueryTrackRecordResponse, error) {
	return nil, errUnwritten
}
