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

// maxEpochsPerBlock bounds the epochs that are settled, and those that are closed, in a
// block. One ends at a time; the rest is for catching up.
const maxEpochsPerBlock = 4

// settleEpochs fixes the rewards of epochs that have ended and pays their operators, at
// most max_payouts_per_block. An epoch is settled when the one before has paid, so that
// what the treasury has is nobody's yet. A settlement that fails is tried again in the
// next block: what was earned must not be lost.
func (k *Keeper) settleEpochs(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	current, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	payouts, err := k.payOperators(ctx, int(params.MaxPayoutsPerBlock))
	if err != nil {
		return err
	}
	for range maxEpochsPerBlock {
		next, err := k.NextEpoch.Get(ctx)
		if err != nil || next >= current.Number || payouts == 0 {
			return err
		}
		failed := endblock.Isolate(ctx, fmt.Sprintf("settlement of epoch %d", next), func(ctx context.Context) error {
			return k.settle(ctx, params, next)
		})
		if failed != nil {
			return nil // Isolate has logged it
		}
		if payouts, err = k.payOperators(ctx, payouts); err != nil {
			return err
		}
	}
	return nil
}

// settle fixes the rewards of an epoch by what was earned in it and by what the schedule
// gives and the treasury has, and puts those of contributors where they can be claimed.
func (k *Keeper) settle(ctx context.Context, params types.Params, epoch uint64) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	schedule, err := k.Schedule.Get(ctx)
	if err != nil {
		return err
	}
	rewards, err := k.rewards(ctx, epoch)
	if err != nil {
		return err
	}
	if rewards.StorageKibDays, err = k.measureStorage(ctx, epoch, now); err != nil {
		return err
	}
	held := k.bank.GetBalance(ctx, k.treasury(), types.Denom).Amount
	rewards.Settle(params, math.MinInt(schedule.Emission(epoch), held))
	rewards.Status = types.EPOCH_STATUS_PAYING
	rewards.SettledTime, rewards.CloseTime = now, now+int64(params.ClaimWindowSeconds)

	if err := k.send(ctx, k.treasury(), types.EpochAddress(epoch), rewards.Contributors); err != nil {
		return err
	}
	if err := k.Epochs.Set(ctx, epoch, rewards); err != nil {
		return err
	}
	if err := k.Closings.Set(ctx, collections.Join(rewards.CloseTime, epoch)); err != nil {
		return err
	}
	if err := k.NextEpoch.Set(ctx, epoch+1); err != nil {
		return err
	}
	if err := k.SightingCounts.Clear(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch)); err != nil {
		return err
	}
	return emit(ctx, &types.EventEpochSettled{
		Epoch: epoch, Emission: rewards.Emission.String(), Contributors: rewards.Contributors.String(),
		Engines: rewards.Engines.String(), Storage: rewards.Storage.String(), StorageKibDays: rewards.StorageKibDays,
	})
}

// measureStorage notes in the works of an epoch what each operator stored in it, and
// returns the sum in KiB-days. The works are as many as there were seats and engines.
func (k *Keeper) measureStorage(ctx context.Context, epoch uint64, now int64) (sum uint64, err error) {
	storing, err := k.storing(ctx, epoch, now)
	if err != nil {
		return 0, err
	}
	works, err := k.worksOf(ctx, epoch, 0)
	if err != nil {
		return 0, err
	}
	for _, entry := range works {
		work := entry.Value
		if work.StorageKibDays = storing.KibDays(work.Proved, work.Challenged); work.StorageKibDays == 0 {
			continue
		}
		sum += work.StorageKibDays
		if err := k.Works.Set(ctx, entry.Key, work); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// storing is what the attesters of an epoch had to store. The epoch lasted from the
// settlement of the one before to now; the very first counts as no time.
func (k *Keeper) storing(ctx context.Context, epoch uint64, now int64) (storing types.Storing, err error) {
	if storing.Bytes, err = k.samples.StoredBytes(ctx); err != nil {
		return storing, err
	}
	replication, err := k.samples.Replication(ctx)
	if err != nil {
		return storing, err
	}
	attesters, err := k.supernode.Attesters(ctx, epoch)
	if err != nil || epoch == 0 {
		return storing, err
	}
	before, err := k.rewards(ctx, epoch-1)
	if err != nil {
		return storing, err
	}
	storing.Replication, storing.Attesters = uint64(replication), uint64(len(attesters))
	if before.SettledTime > 0 && before.SettledTime < now {
		storing.Seconds = uint64(now - before.SettledTime)
	}
	return storing, nil
}

// worksOf returns the works of an epoch in operator order, at most limit unless that is 0.
func (k *Keeper) worksOf(ctx context.Context, epoch uint64, limit int) (works []collections.KeyValue[workKey, types.OperatorWork], err error) {
	of := collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch)
	err = k.Works.Walk(ctx, of, func(key workKey, work types.OperatorWork) (bool, error) {
		works = append(works, collections.KeyValue[workKey, types.OperatorWork]{Key: key, Value: work})
		return len(works) == limit, nil
	})
	return works, err
}

// send moves an amount of uvmt; nothing moves when it is 0.
func (k *Keeper) send(ctx context.Context, from, to sdk.AccAddress, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	return k.bank.SendCoins(ctx, from, to, sdk.NewCoins(sdk.NewCoin(types.Denom, amount)))
}
