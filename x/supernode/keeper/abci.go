package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/supernode/types"
)

// EndBlock pays out what is due, at most max_unbondings_per_block bonds and as many
// unbondings, and keeps the beacon moving.
func (k *Keeper) EndBlock(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.releaseBonds(ctx, params); err != nil {
		return err
	}
	if err := k.releaseUnbondings(ctx, params); err != nil {
		return err
	}
	return k.stirIdle(ctx, params)
}

func (k *Keeper) releaseBonds(ctx context.Context, params types.Params) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	due := collections.NewPrefixUntilPairRange[int64, sdk.AccAddress](now)
	keys, err := endblock.Take(ctx, k.Releases, due, int(params.MaxUnbondingsPerBlock))
	if err != nil {
		return err
	}
	for _, key := range keys {
		operator := key.K2()
		// Isolate logs a failure, which belongs to this operator alone.
		_ = endblock.Isolate(ctx, fmt.Sprintf("release of %s", operator), func(ctx context.Context) error {
			return k.release(ctx, params, operator)
		})
	}
	return nil
}

// release pays a bond back and removes the registration. When bank refuses the
// payment, nothing is lost: it is tried again one unbonding time later.
func (k *Keeper) release(ctx context.Context, params types.Params, operator sdk.AccAddress) error {
	supernode, err := k.Supernode(ctx, operator)
	if err != nil {
		return err
	}
	bond := params.Bond(supernode.SelfBond)
	err = endblock.Isolate(ctx, fmt.Sprintf("bond payment to %s", operator), func(ctx context.Context) error {
		return k.bank.SendCoins(ctx, types.BondAddress(operator), operator, sdk.NewCoins(bond))
	})
	if err != nil {
		return k.queueRelease(ctx, params, operator, &supernode)
	}
	if err := k.Supernodes.Remove(ctx, operator); err != nil {
		return err
	}
	if err := k.Liveness.Remove(ctx, operator); err != nil {
		return err
	}
	if err := k.tidyPool(ctx, operator); err != nil {
		return err
	}
	return emit(ctx, types.NewEventReleased(supernode, bond))
}

// queueRelease stores a retired supernode whose bond is due one unbonding time from now.
func (k *Keeper) queueRelease(ctx context.Context, params types.Params, operator sdk.AccAddress, supernode *types.Supernode) error {
	supernode.Status, supernode.JailedUntil = types.STATUS_RETIRED, 0
	supernode.ReleaseTime = sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.UnbondingSeconds)
	if err := k.Supernodes.Set(ctx, operator, *supernode); err != nil {
		return err
	}
	return k.Releases.Set(ctx, collections.Join(supernode.ReleaseTime, operator))
}
