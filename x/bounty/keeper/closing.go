package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/internal/endblock"
)

// closeEpochs returns to the treasury what nobody claimed in time, and prunes the points
// of closed epochs, at most max_prunes_per_block. A closing that fails is tried again in
// the next block.
func (k *Keeper) closeEpochs(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	var due []uint64
	err = k.Closings.Walk(ctx, collections.NewPrefixUntilPairRange[int64, uint64](now), func(key collections.Pair[int64, uint64]) (bool, error) {
		due = append(due, key.K2())
		return len(due) == maxEpochsPerBlock, nil
	})
	if err != nil {
		return err
	}
	for _, epoch := range due {
		// Isolate logs a failure, which belongs to this epoch alone.
		_ = endblock.Isolate(ctx, fmt.Sprintf("closing of epoch %d", epoch), func(ctx context.Context) error {
			return k.closeEpoch(ctx, epoch)
		})
	}
	return k.prunePoints(ctx, int(params.MaxPrunesPerBlock))
}

// closeEpoch ends the claims of an epoch, once it has paid its operators. Coins that
// others sent to its account return like rewards, up to what was there to claim.
func (k *Keeper) closeEpoch(ctx context.Context, epoch uint64) error {
	rewards, err := k.Epochs.Get(ctx, epoch)
	if err != nil || rewards.Status == types.EPOCH_STATUS_PAYING {
		return err
	}
	returned := k.unclaimed(ctx, rewards)
	rewards.Claimed = rewards.Contributors.Sub(returned)
	rewards.Status = types.EPOCH_STATUS_CLOSED

	if err := k.send(ctx, types.EpochAddress(epoch), k.treasury(), returned); err != nil {
		return err
	}
	if err := k.enter(ctx, types.Ledger{Contributors: rewards.Claimed, Engines: math.ZeroInt(), Storage: math.ZeroInt()}); err != nil {
		return err
	}
	if err := k.Epochs.Set(ctx, epoch, rewards); err != nil {
		return err
	}
	if err := k.Closings.Remove(ctx, collections.Join(rewards.CloseTime, epoch)); err != nil {
		return err
	}
	if err := k.ClosedEpochs.Set(ctx, epoch); err != nil {
		return err
	}
	return emit(ctx, &types.EventEpochClosed{Epoch: epoch, Returned: returned.String()})
}

// unclaimed is what contributors have left of the rewards of an open epoch.
func (k *Keeper) unclaimed(ctx context.Context, rewards types.EpochRewards) math.Int {
	held := k.bank.GetBalance(ctx, types.EpochAddress(rewards.Epoch), types.Denom).Amount
	return math.MinInt(held, rewards.Contributors)
}

// prunePoints deletes at most limit points of closed epochs. Standings stay.
func (k *Keeper) prunePoints(ctx context.Context, limit int) error {
	for range maxEpochsPerBlock {
		epoch, found, err := k.firstClosed(ctx)
		if err != nil || !found {
			return err
		}
		keys, err := endblock.Take(ctx, k.PointsByEpoch, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch), limit)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := k.Points.Remove(ctx, collections.Join(key.K2(), epoch)); err != nil {
				return err
			}
		}
		if limit -= len(keys); limit <= 0 {
			return nil // there may be more of them
		}
		if err := k.ClosedEpochs.Remove(ctx, epoch); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) firstClosed(ctx context.Context) (epoch uint64, found bool, err error) {
	err = k.ClosedEpochs.Walk(ctx, nil, func(first uint64) (bool, error) {
		epoch, found = first, true
		return true, nil
	})
	return epoch, found, err
}
