package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// pool returns the pool of an operator. One that is not stored is empty.
func (k *Keeper) pool(ctx context.Context, operator sdk.AccAddress) (types.Pool, error) {
	pool, err := k.Pools.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewPool(operator.String()), nil
	}
	return pool, err
}

// setPool stores the pool of an operator, after its delegations. Once the last of
// these is gone, what rounding has left over of the rewards is the operator's; and the
// pool goes too when nothing is in it and the registration is gone.
func (k *Keeper) setPool(ctx context.Context, operator sdk.AccAddress, pool types.Pool) error {
	if pool.Shares.IsPositive() {
		return k.Pools.Set(ctx, operator, pool)
	}
	delegated, err := k.hasDelegations(ctx, operator)
	if err != nil {
		return err
	}
	if delegated {
		return k.Pools.Set(ctx, operator, pool)
	}
	pool.SweepRewards()
	registered, err := k.Supernodes.Has(ctx, operator)
	if err != nil {
		return err
	}
	if registered || pool.OperatorRewards.IsPositive() {
		return k.Pools.Set(ctx, operator, pool)
	}
	return k.Pools.Remove(ctx, operator)
}

// tidyPool removes the pool of an operator whose registration is gone, unless
// somebody still has something in it.
func (k *Keeper) tidyPool(ctx context.Context, operator sdk.AccAddress) error {
	pool, err := k.pool(ctx, operator)
	if err != nil {
		return err
	}
	return k.setPool(ctx, operator, pool)
}

// hasDelegations tells whether an operator has a delegation, were it one of which only
// rewards or unbondings are left. It reads one key.
func (k *Keeper) hasDelegations(ctx context.Context, operator sdk.AccAddress) (bool, error) {
	delegations, err := k.Delegations.Iterate(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, sdk.AccAddress](operator))
	if err != nil {
		return false, err
	}
	defer delegations.Close()
	return delegations.Valid(), nil
}

// delegation returns the delegation of a delegator to an operator, or ErrNoDelegation.
func (k *Keeper) delegation(ctx context.Context, operator, delegator sdk.AccAddress) (types.Delegation, error) {
	delegation, err := k.Delegations.Get(ctx, collections.Join(operator, delegator))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Delegation{}, types.ErrNoDelegation.Wrapf("delegator %s, operator %s", delegator, operator)
	}
	return delegation, err
}

// setDelegation stores a delegation, or removes it when nothing is left of it.
func (k *Keeper) setDelegation(ctx context.Context, operator, delegator sdk.AccAddress, delegation types.Delegation) error {
	key := collections.Join(operator, delegator)
	if delegation.IsEmpty() {
		return k.Delegations.Remove(ctx, key)
	}
	return k.Delegations.Set(ctx, key, delegation)
}
