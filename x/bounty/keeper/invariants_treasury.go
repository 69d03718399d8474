package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// TreasuryInvariant: epochs, points and works agree as ValidateTreasury tells and are found
// where they belong, and what left the treasury is where the books say.
func (k *Keeper) TreasuryInvariant(ctx context.Context) error {
	gs := types.DefaultGenesis()
	if err := k.exportSupply(ctx, gs); err != nil {
		return err
	}
	if err := k.exportTreasury(ctx, gs); err != nil {
		return err
	}
	// Of a supply that grew, less than nothing was burned, which is refused here too.
	if err := gs.ValidateTreasury(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	current, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	if gs.NextEpoch > current.Number {
		return types.ErrInvariant.Wrapf("next_epoch is %d, epoch %d is running", gs.NextEpoch, current.Number)
	}
	if err := k.checkMoney(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkPointsIndex(ctx, len(gs.Points)); err != nil {
		return err
	}
	return k.checkClosings(ctx, gs.Epochs)
}

// checkMoney: the treasury has what it had at genesis less what was paid and what open
// epochs were given; each of these has what is not claimed, and more when somebody sent
// coins there.
func (k *Keeper) checkMoney(ctx context.Context, gs types.GenesisState) error {
	left := k.bank.GetBalance(ctx, k.treasury(), types.Denom).Amount
	given := gs.Ledger.Sum().Add(types.OpenRewards(gs.Epochs))
	if !left.Add(given).Equal(gs.Schedule.Treasury) {
		return types.ErrInvariant.Wrapf("the treasury holds %s of %s, %s was given", left, gs.Schedule.Treasury, given)
	}
	claimed := make(map[uint64]math.Int, len(gs.Epochs))
	for _, points := range gs.Points {
		if _, known := claimed[points.Epoch]; !known {
			claimed[points.Epoch] = math.ZeroInt()
		}
		claimed[points.Epoch] = claimed[points.Epoch].Add(points.Claimed)
	}
	for _, rewards := range gs.Epochs {
		if !rewards.IsOpen() {
			continue
		}
		held := k.bank.GetBalance(ctx, types.EpochAddress(rewards.Epoch), types.Denom).Amount
		if sum, some := claimed[rewards.Epoch]; some {
			held = held.Add(sum)
		}
		if held.LT(rewards.Contributors) {
			return types.ErrInvariant.Wrapf("epoch %d has %s with claims, want %s", rewards.Epoch, held, rewards.Contributors)
		}
	}
	return nil
}

// checkPointsIndex: all points are found by epoch, and nothing else is.
func (k *Keeper) checkPointsIndex(ctx context.Context, points int) error {
	err := k.PointsByEpoch.Walk(ctx, nil, func(key collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
		points--
		stored, err := k.Points.Get(ctx, collections.Join(key.K2(), key.K1()))
		if err == nil && (stored.Epoch != key.K1() || stored.Contributor != key.K2().String()) {
			err = types.ErrInvariant.Wrapf("points of %s in epoch %d at (%s, %d)", stored.Contributor, stored.Epoch, key.K2(), key.K1())
		}
		return err != nil, err
	})
	if err == nil && points != 0 {
		err = types.ErrInvariant.Wrapf("%d more points than entries by epoch", points)
	}
	return err
}

// checkClosings: the open epochs, and no others, wait for their close time; and those that
// are being pruned are closed.
func (k *Keeper) checkClosings(ctx context.Context, epochs []types.EpochRewards) error {
	waiting := 0
	err := k.Closings.Walk(ctx, nil, func(collections.Pair[int64, uint64]) (bool, error) { waiting++; return false, nil })
	if err != nil {
		return err
	}
	for _, rewards := range epochs {
		waits, err := k.Closings.Has(ctx, collections.Join(rewards.CloseTime, rewards.Epoch))
		if err != nil {
			return err
		}
		if waits != rewards.IsOpen() {
			return types.ErrInvariant.Wrapf("epoch %d is %s, waits for its close time: %t", rewards.Epoch, rewards.Status, waits)
		}
		if waits {
			waiting--
		}
	}
	if waiting != 0 {
		return types.ErrInvariant.Wrapf("%d closings are of no open epoch", waiting)
	}
	return k.ClosedEpochs.Walk(ctx, nil, func(epoch uint64) (bool, error) {
		rewards, err := k.rewards(ctx, epoch)
		if err == nil && rewards.Status != types.EPOCH_STATUS_CLOSED {
			err = types.ErrInvariant.Wrapf("epoch %d is %s and being pruned", epoch, rewards.Status)
		}
		return err != nil, err
	})
}
