package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/internal/endblock"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// payOperators pays the operators of the epoch that was settled last, if it still does so,
// in their order and at most limit. It returns how many more of other epochs may be paid.
func (k *Keeper) payOperators(ctx context.Context, limit int) (left int, err error) {
	next, err := k.NextEpoch.Get(ctx)
	if err != nil || next == 0 {
		return limit, err
	}
	rewards, err := k.rewards(ctx, next-1)
	if err != nil || rewards.Status != types.EPOCH_STATUS_PAYING {
		return limit, err
	}
	works, err := k.worksOf(ctx, rewards.Epoch, limit)
	if err != nil {
		return 0, err
	}
	for _, entry := range works {
		if err := k.Works.Remove(ctx, entry.Key); err != nil {
			return 0, err
		}
		name := fmt.Sprintf("epoch %d of %s", rewards.Epoch, entry.Value.Operator)
		failed := endblock.Isolate(ctx, name, func(ctx context.Context) error {
			return k.payOperator(ctx, rewards, entry.Key.K2(), entry.Value)
		})
		if failed == nil {
			continue
		}
		// What it would have got stays in the treasury.
		if err := emit(ctx, &types.EventItemFailed{Queue: "payouts", Item: name, Error: failed.Error()}); err != nil {
			return 0, err
		}
	}
	waiting, err := k.worksOf(ctx, rewards.Epoch, 1)
	if err != nil || len(waiting) > 0 {
		return 0, err
	}
	rewards.Status = types.EPOCH_STATUS_CLAIMABLE
	return limit - len(works), k.Epochs.Set(ctx, rewards.Epoch, rewards)
}

// payOperator pays an operator and its delegators their share of what an epoch pays for
// engines and storage. The share of one that is not registered any more stays in the treasury.
func (k *Keeper) payOperator(ctx context.Context, rewards types.EpochRewards, operator sdk.AccAddress, work types.OperatorWork) error {
	engines := types.Share(rewards.Engines, work.EnginePoints, rewards.EnginePoints)
	storage := types.Share(rewards.Storage, work.StorageKibDays, rewards.StorageKibDays)
	amount := engines.Add(storage)
	if amount.IsZero() {
		return nil
	}
	err := k.supernode.AllocateRewards(ctx, k.treasury(), operator, amount)
	if errors.Is(err, supernodetypes.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	paid := types.Ledger{Contributors: math.ZeroInt(), Engines: engines, Storage: storage}
	if err := k.enter(ctx, paid); err != nil {
		return err
	}
	return emit(ctx, &types.EventOperatorPaid{
		Epoch: rewards.Epoch, Operator: work.Operator, Engines: engines.String(), Storage: storage.String(),
		EnginePoints: work.EnginePoints, StorageKibDays: work.StorageKibDays,
	})
}

// enter adds to the ledger what has left the treasury for good.
func (k *Keeper) enter(ctx context.Context, paid types.Ledger) error {
	ledger, err := k.Ledger.Get(ctx)
	if err != nil {
		return err
	}
	ledger.Contributors = ledger.Contributors.Add(paid.Contributors)
	ledger.Engines = ledger.Engines.Add(paid.Engines)
	ledger.Storage = ledger.Storage.Add(paid.Storage)
	return k.Ledger.Set(ctx, ledger)
}
