package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// givePoints gives a contributor points in the running epoch: all of add, or what the cap
// leaves to a newcomer. What is given for the first time makes an account, so that who
// has no coins can sign its first claim. It must be called in EndBlock, as must
// addEnginePoints: all of an epoch's points meet in its record.
func (k *Keeper) givePoints(
	ctx context.Context, contributor sdk.AccAddress, add uint64, params types.Params,
) (given, capped, epoch uint64, err error) {
	current, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	standing, err := k.standing(ctx, contributor)
	if err != nil {
		return 0, 0, 0, err
	}
	points, err := k.points(ctx, contributor, current.Number)
	if err != nil {
		return 0, 0, 0, err
	}
	given = min(add, types.Room(params, standing, points.Points))
	capped = add - given
	if given == 0 {
		return 0, capped, current.Number, nil
	}

	points.Points += given
	if err := k.setPoints(ctx, contributor, points); err != nil {
		return 0, 0, 0, err
	}
	if err := k.Standings.Set(ctx, contributor, standing+given); err != nil {
		return 0, 0, 0, err
	}
	rewards, err := k.rewards(ctx, current.Number)
	if err != nil {
		return 0, 0, 0, err
	}
	rewards.ContributorPoints += given
	if err := k.Epochs.Set(ctx, current.Number, rewards); err != nil {
		return 0, 0, 0, err
	}
	if !k.accounts.HasAccount(ctx, contributor) {
		k.accounts.SetAccount(ctx, k.accounts.NewAccountWithAddress(ctx, contributor))
	}
	return given, capped, current.Number, nil
}

// addEnginePoints counts points of an operator's engines in the running epoch.
func (k *Keeper) addEnginePoints(ctx context.Context, operator sdk.AccAddress, points uint64) error {
	if points == 0 {
		return nil
	}
	current, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	work, err := k.work(ctx, current.Number, operator)
	if err != nil {
		return err
	}
	rewards, err := k.rewards(ctx, current.Number)
	if err != nil {
		return err
	}
	work.EnginePoints += points
	rewards.EnginePoints += points
	if err := k.Works.Set(ctx, collections.Join(current.Number, operator), work); err != nil {
		return err
	}
	return k.Epochs.Set(ctx, current.Number, rewards)
}

// standing is what a contributor has earned in all epochs.
func (k *Keeper) standing(ctx context.Context, contributor sdk.AccAddress) (uint64, error) {
	standing, err := k.Standings.Get(ctx, contributor)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return standing, err
}

// points returns what a contributor earned in an epoch; nothing when that is not stored.
func (k *Keeper) points(ctx context.Context, contributor sdk.AccAddress, epoch uint64) (types.Points, error) {
	points, err := k.Points.Get(ctx, collections.Join(contributor, epoch))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Points{Contributor: contributor.String(), Epoch: epoch, Claimed: math.ZeroInt()}, nil
	}
	return points, err
}

func (k *Keeper) setPoints(ctx context.Context, contributor sdk.AccAddress, points types.Points) error {
	if err := k.Points.Set(ctx, collections.Join(contributor, points.Epoch), points); err != nil {
		return err
	}
	return k.PointsByEpoch.Set(ctx, collections.Join(points.Epoch, contributor))
}

// rewards returns the record of an epoch; one that is not stored is ACCRUING.
func (k *Keeper) rewards(ctx context.Context, epoch uint64) (types.EpochRewards, error) {
	rewards, err := k.Epochs.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewEpochRewards(epoch), nil
	}
	return rewards, err
}

// work returns what an operator did in an epoch; nothing when that is not stored.
func (k *Keeper) work(ctx context.Context, epoch uint64, operator sdk.AccAddress) (types.OperatorWork, error) {
	work, err := k.Works.Get(ctx, collections.Join(epoch, operator))
	if errors.Is(err, collections.ErrNotFound) {
		return types.OperatorWork{Operator: operator.String(), Epoch: epoch}, nil
	}
	return work, err
}
