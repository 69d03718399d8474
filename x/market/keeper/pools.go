package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/market/types"
)

// maxPoolsPerBlock bounds the pools that are looked at from either end, and those whose
// claims are dropped, in a block. One ends at a time; the rest is for catching up.
const maxPoolsPerBlock = 4

// closePools moves on what nobody can claim any more. It looks at the oldest pools, which
// close first, and at the newest, of which x/bounty may just have found that nobody has
// points in them. A closing that fails is tried again in the next block.
func (k *Keeper) closePools(ctx context.Context) error {
	oldest, newest := new(collections.Range[uint64]), new(collections.Range[uint64]).Descending()
	for _, end := range []*collections.Range[uint64]{oldest, newest} {
		over, err := k.poolsOver(ctx, end)
		if err != nil {
			return err
		}
		for _, epoch := range over {
			// Isolate logs a failure, which belongs to this pool alone.
			_ = endblock.Isolate(ctx, fmt.Sprintf("closing of pool %d", epoch), func(ctx context.Context) error {
				return k.closePool(ctx, epoch)
			})
		}
	}
	return nil
}

// poolsOver returns which of the first pools of a range have been settled by x/bounty and
// cannot be claimed from: they were closed, or nobody has points.
func (k *Keeper) poolsOver(ctx context.Context, order collections.Ranger[uint64]) (over []uint64, err error) {
	seen := 0
	err = k.Pools.Walk(ctx, order, func(epoch uint64, _ types.Pool) (bool, error) {
		seen++
		rewards, err := k.bounty.EpochRewards(ctx, epoch)
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return true, err
		}
		if err == nil && (!rewards.IsOpen() || rewards.ContributorPoints == 0) {
			over = append(over, epoch)
		}
		return seen == maxPoolsPerBlock, nil
	})
	return over, err
}

// closePool moves all that a pool has, gifts included, to that of the current epoch, which
// is never settled and so never closes into itself. Its claims are dropped later.
func (k *Keeper) closePool(ctx context.Context, epoch uint64) error {
	current, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	account := types.PoolAddress(epoch)
	rest := k.bank.GetBalance(ctx, account, types.Denom).Amount
	if err := k.payIntoPool(ctx, account, current.Number, rest); err != nil {
		return err
	}
	if err := k.Pools.Remove(ctx, epoch); err != nil {
		return err
	}
	if err := k.ClosedPools.Set(ctx, epoch); err != nil {
		return err
	}
	return emit(ctx, &types.EventPoolClosed{Epoch: epoch, Rest: rest.String(), Into: current.Number})
}

// pruneClaims drops the claims of closed pools, at most max_prunes_per_block.
func (k *Keeper) pruneClaims(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	limit := int(params.MaxPrunesPerBlock)
	for range maxPoolsPerBlock {
		epoch, found, err := k.firstClosedPool(ctx)
		if err != nil || !found {
			return err
		}
		dropped, err := k.dropClaims(ctx, epoch, limit)
		if err != nil {
			return err
		}
		if limit -= dropped; limit <= 0 {
			return nil // there may be more of them
		}
		if err := k.ClosedPools.Remove(ctx, epoch); err != nil {
			return err
		}
	}
	return nil
}

// dropClaims removes at most limit claims of a pool and returns how many they were.
func (k *Keeper) dropClaims(ctx context.Context, epoch uint64, limit int) (int, error) {
	var keys []epochAddress
	of := collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch)
	err := k.RoyaltyClaims.Walk(ctx, of, func(key epochAddress, _ math.Int) (bool, error) {
		keys = append(keys, key)
		return len(keys) >= limit, nil
	})
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := k.RoyaltyClaims.Remove(ctx, key); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

func (k *Keeper) firstClosedPool(ctx context.Context) (epoch uint64, found bool, err error) {
	err = k.ClosedPools.Walk(ctx, nil, func(first uint64) (bool, error) {
		epoch, found = first, true
		return true, nil
	})
	return epoch, found, err
}
