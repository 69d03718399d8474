package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// ClaimRewards pays a contributor for the points of settled epochs, the oldest first and
// at most max_epochs_per_claim.
func (s msgServer) ClaimRewards(ctx context.Context, msg *types.MsgClaimRewards) (*types.MsgClaimRewardsResponse, error) {
	contributor, err := types.ParseAddress("contributor", msg.Contributor)
	if err != nil {
		return nil, err
	}
	params, err := s.Keeper.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	due, sum, err := s.claimable(ctx, contributor, int(params.MaxEpochsPerClaim))
	if err != nil {
		return nil, err
	}
	if len(due) == 0 {
		return nil, types.ErrNothingToClaim.Wrapf("contributor %s", contributor)
	}

	for _, points := range due {
		if err := s.send(ctx, types.EpochAddress(points.Epoch), contributor, points.Claimed); err != nil {
			return nil, err
		}
		if err := s.Points.Set(ctx, collections.Join(contributor, points.Epoch), points); err != nil {
			return nil, err
		}
	}
	epochs := uint32(len(due))
	return &types.MsgClaimRewardsResponse{Amount: sum, Epochs: epochs}, emit(ctx, &types.EventClaimed{
		Contributor: msg.Contributor, Epochs: epochs, Amount: sum.String(),
	})
}

// ExpectsFree tells whether a message is a claim that has something to pay; such
// messages pay no fee.
func (k *Keeper) ExpectsFree(ctx context.Context, msg sdk.Msg) bool {
	claim, ok := msg.(*types.MsgClaimRewards)
	if !ok {
		return false
	}
	contributor, err := types.ParseAddress("contributor", claim.Contributor)
	if err != nil {
		return false
	}
	due, _, err := k.claimable(ctx, contributor, 1)
	return err == nil && len(due) > 0
}

// claimable returns the points that a claim pays, with what it pays as claimed, and the
// sum in uvmt. Epochs that pay this contributor nothing do not count; the points of
// closed ones are pruned, so that it reads about one claim window of epochs.
func (k *Keeper) claimable(ctx context.Context, contributor sdk.AccAddress, limit int) (due []types.Points, sum math.Int, err error) {
	sum = math.ZeroInt()
	of := collections.NewPrefixedPairRange[sdk.AccAddress, uint64](contributor)
	err = k.Points.Walk(ctx, of, func(key pointsKey, points types.Points) (bool, error) {
		if points.Claimed.IsPositive() {
			return false, nil
		}
		rewards, err := k.Epochs.Get(ctx, key.K2())
		if err != nil {
			return true, err
		}
		if rewards.Status == types.EPOCH_STATUS_ACCRUING {
			return true, nil // so are all that follow
		}
		if points.Claimed = rewards.Reward(points.Points); rewards.IsOpen() && points.Claimed.IsPositive() {
			due, sum = append(due, points), sum.Add(points.Claimed)
		}
		return len(due) == limit, nil
	})
	return due, sum, err
}
