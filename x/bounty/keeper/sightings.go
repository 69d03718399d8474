package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// ReportSightings notes that others brought samples to an operator's gateway.
func (s msgServer) ReportSightings(ctx context.Context, msg *types.MsgReportSightings) (*types.MsgReportSightingsResponse, error) {
	return nil, types.ErrInvalidSighting
}
