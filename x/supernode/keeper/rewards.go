package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// AllocateRewards pays amount uvmt from an account to an operator and its delegators.
func (k *Keeper) AllocateRewards(ctx context.Context, from, operator sdk.AccAddress, amount math.Int) error {
	return errUnwritten
}

func (m msgServer) SetCommission(ctx context.Context, msg *types.MsgSetCommission) (*types.MsgSetCommissionResponse, error) {
	return nil, errUnwritten
}

func (m msgServer) WithdrawRewards(ctx context.Context, msg *types.MsgWithdrawRewards) (*types.MsgWithdrawRewardsResponse, error) {
	return nil, errUnwritten
}

func (m msgServer) WithdrawCommission(ctx context.Context, msg *types.MsgWithdrawCommission) (*types.MsgWithdrawCommissionResponse, error) {
	return nil, errUnwritten
}

func (m msgServer) FundRewards(ctx context.Context, msg *types.MsgFundRewards) (*types.MsgFundRewardsResponse, error) {
	return nil, errUnwritten
}
