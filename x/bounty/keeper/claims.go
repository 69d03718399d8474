package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// ClaimRewards pays a contributor for the points of settled epochs.
func (s msgServer) ClaimRewards(ctx context.Context, msg *types.MsgClaimRewards) (*types.MsgClaimRewardsResponse, error) {
	return nil, types.ErrNothingToClaim
}

// ExpectsFree tells whether a message is a claim that has something to pay; such
// messages pay no fee.
func (k *Keeper) ExpectsFree(ctx context.Context, msg sdk.Msg) bool { return false }
