package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// RecordRound records how a seated operator performed in a round of an epoch.
func (k *Keeper) RecordRound(ctx context.Context, epoch uint64, operator sdk.AccAddress, duty types.Duty) error {
	return nil
}

// AfterStorageChallenge records a storage challenge of an epoch that was answered or missed.
func (k *Keeper) AfterStorageChallenge(ctx context.Context, epoch uint64, operator sdk.AccAddress, proved bool) error {
	return nil
}

func (m msgServer) Unjail(ctx context.Context, msg *types.MsgUnjail) (*types.MsgUnjailResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Liveness(ctx context.Context, req *types.QueryLivenessRequest) (*types.QueryLivenessResponse, error) {
	return nil, errUnwritten
}

func (q queryServer) Beacon(ctx context.Context, req *types.QueryBeaconRequest) (*types.QueryBeaconResponse, error) {
	return nil, errUnwritten
}
