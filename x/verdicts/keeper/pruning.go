package keeper

import (
	"context"
	"strconv"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// pruneRounds deletes members, commitments and attestations of rounds that are past
// their retention, at most max_prunes_per_block records. The round and its roots
// stay, so that an archived vector can still be proved.
func (k *Keeper) pruneRounds(ctx context.Context, params types.Params) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	due, err := k.dueForPruning(ctx, now)
	if err != nil {
		return err
	}
	budget := int(params.MaxPrunesPerBlock)
	for _, key := range due {
		if budget <= 0 {
			return nil
		}
		spent := 0
		err := endblock.Isolate(ctx, "prune round "+strconv.FormatUint(key.K2(), 10), func(ctx context.Context) error {
			spent, err = k.pruneRound(ctx, key, budget)
			return err
		})
		if err != nil {
			if err := k.Prune.Remove(ctx, key); err != nil {
				return err
			}
			if err := emit(ctx, &types.EventItemFailed{Queue: "prune", Item: strconv.FormatUint(key.K2(), 10), Error: err.Error()}); err != nil {
				return err
			}
		}
		budget -= spent
	}
	return nil
}

// dueForPruning returns a few queue entries up to now; one block never needs more.
func (k *Keeper) dueForPruning(ctx context.Context, now int64) ([]pruneKey, error) {
	const few = 16
	var due []pruneKey
	err := k.Prune.Walk(ctx, nil, func(key pruneKey) (bool, error) {
		if key.K1() > now || len(due) == few {
			return true, nil
		}
		due = append(due, key)
		return false, nil
	})
	return due, err
}

// pruneRound deletes up to budget records of a round and leaves it in the queue
// until none is left. An initial round whose vectors are still needed stays at the front
// of the queue; its stages all end some day, held or given up.
func (k *Keeper) pruneRound(ctx context.Context, key pruneKey, budget int) (int, error) {
	number := key.K2()
	round, err := k.round(ctx, number)
	if err != nil || unresolved(round) > 0 {
		return 0, err
	}
	spent, err := removeUpTo(ctx, k.MemberPages, collections.NewPrefixedPairRange[uint64, uint32](number), budget)
	if err != nil {
		return 0, err
	}
	seats := collections.NewPrefixedPairRange[uint64, sdk.AccAddress](number)
	removed, err := removeUpTo(ctx, k.Commitments, seats, budget-spent)
	if err != nil {
		return 0, err
	}
	spent += removed
	removed, err = removeUpTo(ctx, k.Attestations, seats, budget-spent)
	if err != nil {
		return 0, err
	}
	spent += removed
	if !round.Pruned {
		round.Pruned = true
		if err := k.Rounds.Set(ctx, number, round); err != nil {
			return 0, err
		}
	}
	if spent < budget {
		return spent, k.Prune.Remove(ctx, key)
	}
	return spent, nil
}

// removeUpTo removes the first limit entries of a range and returns their number.
func removeUpTo[K, V any](ctx context.Context, entries collections.Map[K, V], ranger collections.Ranger[K], limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	var keys []K
	err := entries.Walk(ctx, ranger, func(key K, _ V) (bool, error) {
		keys = append(keys, key)
		return len(keys) >= limit, nil
	})
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := entries.Remove(ctx, key); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}
