package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func (m msgServer) ReportVaultKey(ctx context.Context, msg *types.MsgReportVaultKey) (*types.MsgReportVaultKeyResponse, error) {
	return nil, errUnwritten
}
