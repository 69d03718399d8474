// Package endblock holds the two rules every per-block loop of the project's
// modules follows: take a bounded number of due items from a queue, and run each
// item so that its failure costs that item alone.
package endblock

import (
	"context"
	"fmt"
	"runtime/debug"

	"cosmossdk.io/collections"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Isolate runs fn on a cached context and writes its changes only when it returns
// nil. A panic becomes an error, except for out-of-gas, which belongs to whoever
// set the meter. Events of a failed fn are dropped with its writes.
func Isolate(ctx context.Context, name string, fn func(ctx context.Context) error) (err error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	defer func() {
		if r := recover(); r != nil {
			if _, outOfGas := r.(storetypes.ErrorOutOfGas); outOfGas {
				panic(r)
			}
			err = fmt.Errorf("%s: panic: %v", name, r)
			sdkCtx.Logger().Error("recovered", "item", name, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	cached, write := sdkCtx.CacheContext()
	if err := fn(cached); err != nil {
		sdkCtx.Logger().Error("set aside", "item", name, "error", err)
		return fmt.Errorf("%s: %w", name, err)
	}
	write()
	return nil
}

// Take removes up to limit keys of a queue that lie in ranger, in key order, and
// returns them. Keys are collected before any is removed.
func Take[K any](ctx context.Context, queue collections.KeySet[K], ranger collections.Ranger[K], limit int) ([]K, error) {
	keys := make([]K, 0, min(limit, 64))
	if limit <= 0 {
		return keys, nil
	}
	err := queue.Walk(ctx, ranger, func(key K) (bool, error) {
		keys = append(keys, key)
		return len(keys) >= limit, nil
	})
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if err := queue.Remove(ctx, key); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
