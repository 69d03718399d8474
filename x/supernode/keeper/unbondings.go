package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/supernode/types"
)

// queueUnbonding queues what leaves a pool. What leaves on the same way at the same
// time is one entry.
func (k *Keeper) queueUnbonding(ctx context.Context, unbonding types.Unbonding) error {
	queued, err := k.Unbondings.Get(ctx, unbonding.Key())
	if err == nil {
		unbonding.Shares = unbonding.Shares.Add(queued.Shares)
	} else if !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	return k.Unbondings.Set(ctx, unbonding.Key(), unbonding)
}

// releaseUnbondings lets out of the pools what is due, at most
// max_unbondings_per_block entries, each on its own. One that cannot be paid loses
// nothing: it stays in the pool and is due again one unbonding time later.
func (k *Keeper) releaseUnbondings(ctx context.Context, params types.Params) error {
	due, err := k.dueUnbondings(ctx, int(params.MaxUnbondingsPerBlock))
	if err != nil {
		return err
	}
	for _, key := range due {
		name := fmt.Sprintf("unbonding %d/%x", key.K1(), key.K2())
		err := endblock.Isolate(ctx, name, func(ctx context.Context) error {
			return k.releaseUnbonding(ctx, params, key)
		})
		if err != nil {
			// Isolate logs a failure, which belongs to this entry alone.
			_ = endblock.Isolate(ctx, name+" postponed", func(ctx context.Context) error {
				return k.postpone(ctx, params, key)
			})
		}
	}
	return nil
}

func (k *Keeper) dueUnbondings(ctx context.Context, limit int) ([]unbondingKey, error) {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	var due []unbondingKey
	err := k.Unbondings.Walk(ctx, collections.NewPrefixUntilPairRange[int64, []byte](now), func(key unbondingKey, _ types.Unbonding) (bool, error) {
		due = append(due, key)
		return len(due) >= limit, nil
	})
	return due, err
}

// releaseUnbonding takes an entry out of its pool. A redelegation enters the pool of
// its destination; when that cannot take it, it is paid to the delegator.
func (k *Keeper) releaseUnbonding(ctx context.Context, params types.Params, key unbondingKey) error {
	unbonding, err := k.Unbondings.Get(ctx, key)
	if err != nil {
		return err
	}
	delegator, operator, err := parseDelegation(unbonding.Delegator, unbonding.Operator)
	if err != nil {
		return err
	}
	pool, err := k.pool(ctx, operator)
	if err != nil {
		return err
	}
	amount := params.Bond(pool.Release(unbonding.Shares))
	if err := k.Unbondings.Remove(ctx, key); err != nil {
		return err
	}
	delegation, err := k.delegation(ctx, operator, delegator)
	if err != nil {
		return err
	}
	delegation.Unbondings--
	if err := k.setDelegation(ctx, operator, delegator, delegation); err != nil {
		return err
	}
	if err := k.setPool(ctx, operator, pool); err != nil {
		return err
	}
	if unbonding.Destination != "" && k.arrive(ctx, operator, delegator, unbonding.Destination, amount) != nil {
		unbonding.Destination = ""
	}
	if unbonding.Destination == "" && amount.IsPositive() {
		if err := k.bank.SendCoins(ctx, types.PoolAddress(operator), delegator, sdk.NewCoins(amount)); err != nil {
			return err
		}
	}
	return emit(ctx, types.NewEventUnbonded(unbonding, amount))
}

// arrive delegates what was redelegated to its destination, or changes nothing and
// returns why it cannot: the destination is gone or has retired, its stake is full,
// or its pool was emptied by slashing.
func (k *Keeper) arrive(ctx context.Context, operator, delegator sdk.AccAddress, destination string, amount sdk.Coin) error {
	return endblock.Isolate(ctx, fmt.Sprintf("redelegation of %s to %s", delegator, destination), func(ctx context.Context) error {
		to, err := types.ParseAddress("destination", destination)
		if err != nil {
			return err
		}
		_, err = k.enter(ctx, types.PoolAddress(operator), to, delegator, amount)
		return err
	})
}

// postpone queues an entry again, one unbonding time from now.
func (k *Keeper) postpone(ctx context.Context, params types.Params, key unbondingKey) error {
	unbonding, err := k.Unbondings.Get(ctx, key)
	if err != nil {
		return err
	}
	if err := k.Unbondings.Remove(ctx, key); err != nil {
		return err
	}
	unbonding.ReleaseTime = sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.UnbondingSeconds)
	merged, err := k.Unbondings.Has(ctx, unbonding.Key())
	if err != nil {
		return err
	}
	if err := k.queueUnbonding(ctx, unbonding); err != nil || !merged {
		return err
	}
	delegator, operator, err := parseDelegation(unbonding.Delegator, unbonding.Operator)
	if err != nil {
		return err
	}
	delegation, err := k.delegation(ctx, operator, delegator)
	if err != nil {
		return err
	}
	delegation.Unbondings--
	return k.setDelegation(ctx, operator, delegator, delegation)
}
