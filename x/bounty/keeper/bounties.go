package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// PostBounty opens a bounty.
func (s msgServer) PostBounty(ctx context.Context, msg *types.MsgPostBounty) (*types.MsgPostBountyResponse, error) {
	return nil, types.ErrInvalidBounty
}

// TopUpBounty adds to a running bounty.
func (s msgServer) TopUpBounty(ctx context.Context, msg *types.MsgTopUpBounty) (*types.MsgTopUpBountyResponse, error) {
	return nil, types.ErrBountyNotFound
}

// endBounties judges or refunds the bounties whose time is over.
func (k *Keeper) endBounties(ctx context.Context) error { return nil }
