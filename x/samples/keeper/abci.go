package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/samples/types"
)

// EndBlock ends due challenges, drops due records and claims, at most
// max_expiries_per_block of each, and challenges supernodes that wait for it.
func (k *Keeper) EndBlock(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, types.Params) error{
		k.closeChallenges, k.expireSamples, k.expireClaims, k.challengeWaiting,
	} {
		if err := step(ctx, params); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) expireSamples(ctx context.Context, params types.Params) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	due, err := endblock.Take(ctx, k.Expiry,
		collections.NewPrefixUntilPairRange[int64, []byte](now), int(params.MaxExpiriesPerBlock))
	if err != nil {
		return err
	}
	for _, key := range due {
		sha256 := key.K2()
		err := endblock.Isolate(ctx, "expire sample", func(ctx context.Context) error {
			return k.expireSample(ctx, sha256, params)
		})
		if err == nil {
			continue
		}
		// The record keeps its place in the register and its deposit, and does not
		// come up again in every block. Isolate logs both failures.
		_ = endblock.Isolate(ctx, "postpone expiry", func(ctx context.Context) error {
			return k.postponeExpiry(ctx, sha256, params)
		})
	}
	return nil
}

// expireSample drops a record and returns a deposit that is left, or keeps the record
// for another term while it waits for an outcome.
func (k *Keeper) expireSample(ctx context.Context, sha256 []byte, params types.Params) error {
	sample, err := k.Get(ctx, sha256)
	if err != nil {
		return err
	}
	if sample.Status == types.STATUS_QUEUED || sample.Status == types.STATUS_SCANNING {
		return k.postponeExpiry(ctx, sha256, params)
	}
	if err := k.remove(ctx, sha256, sample); err != nil {
		return err
	}
	settlement := newSettlement()
	settlement.refund(&sample)
	if err := k.settle(ctx, settlement); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(types.NewEventExpired(sha256))
}

func (k *Keeper) postponeExpiry(ctx context.Context, sha256 []byte, params types.Params) error {
	sample, err := k.Get(ctx, sha256)
	if err != nil {
		return err
	}
	if err := k.prolong(ctx, sha256, &sample, params); err != nil {
		return err
	}
	return k.Samples.Set(ctx, sha256, sample)
}

func (k *Keeper) expireClaims(ctx context.Context, params types.Params) error {
	oldest := sdk.UnwrapSDKContext(ctx).BlockHeight() - int64(params.ClaimWindowBlocks)
	due, err := endblock.Take(ctx, k.ClaimExpiry,
		collections.NewPrefixUntilPairRange[int64, []byte](oldest-1), int(params.MaxExpiriesPerBlock))
	if err != nil {
		return err
	}
	for _, key := range due {
		hash := key.K2()
		// Isolate logs a failure; the claim is too old to be opened anyhow.
		_ = endblock.Isolate(ctx, "expire claim", func(ctx context.Context) error {
			return k.Claims.Remove(ctx, hash)
		})
	}
	return nil
}
