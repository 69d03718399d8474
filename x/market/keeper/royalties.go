package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/market/types"
)

// ClaimRoyalties pays a contributor its part of what plans and feeds brought in settled
// epochs, the oldest first and of at most max_epochs_per_claim.
func (s msgServer) ClaimRoyalties(ctx context.Context, msg *types.MsgClaimRoyalties) (*types.MsgClaimRoyaltiesResponse, error) {
	contributor, err := types.ParseAddress("contributor", msg.Contributor)
	if err != nil {
		return nil, err
	}
	params, err := s.Keeper.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	due, sum, err := s.royalties(ctx, contributor, int(params.MaxEpochsPerClaim))
	if err != nil {
		return nil, err
	}
	if len(due) == 0 {
		return nil, types.ErrNothingToClaim.Wrapf("contributor %s", contributor)
	}

	for _, claim := range due {
		if err := s.send(ctx, types.PoolAddress(claim.Epoch), contributor, claim.Amount); err != nil {
			return nil, err
		}
		if err := s.RoyaltyClaims.Set(ctx, collections.Join(claim.Epoch, contributor), claim.Amount); err != nil {
			return nil, err
		}
		if err := emit(ctx, &types.EventRoyaltiesClaimed{
			Contributor: msg.Contributor, Epoch: claim.Epoch, Amount: claim.Amount.String(),
		}); err != nil {
			return nil, err
		}
	}
	return &types.MsgClaimRoyaltiesResponse{Amount: sum, Epochs: uint32(len(due))}, nil
}

// royalties are what a contributor can claim, at most limit pools, and their sum in uvmt.
// Of a pool it gets
//
//	⌊amount · points / contributor_points⌋
//
// with its points and those of all contributors as x/bounty counted them in the epoch.
// Pools that pay it nothing do not count. There are no more pools than epochs in a claim
// window of x/bounty.
func (k *Keeper) royalties(ctx context.Context, contributor sdk.AccAddress, limit int) (due []types.RoyaltyClaim, sum math.Int, err error) {
	sum = math.ZeroInt()
	err = k.Pools.Walk(ctx, nil, func(epoch uint64, pool types.Pool) (bool, error) {
		points, err := k.bounty.EpochPoints(ctx, contributor, epoch)
		if err != nil || points == 0 {
			return err != nil, err
		}
		claimed, err := k.RoyaltyClaims.Has(ctx, collections.Join(epoch, contributor))
		if err != nil || claimed {
			return err != nil, err
		}
		rewards, err := k.bounty.EpochRewards(ctx, epoch)
		if errors.Is(err, collections.ErrNotFound) {
			return true, nil // later ones are not settled either
		}
		if err != nil {
			return true, err
		}
		amount := bountytypes.Share(pool.Amount, points, rewards.ContributorPoints)
		if rewards.IsOpen() && amount.IsPositive() {
			due, sum = append(due, types.RoyaltyClaim{Epoch: epoch, Contributor: contributor.String(), Amount: amount}), sum.Add(amount)
		}
		return len(due) == limit, nil
	})
	return due, sum, err
}
