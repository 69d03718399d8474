package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// PoolsBacked: each pool account holds at least what is delegated and unbonding, and
// each rewards account what is owed. Either holds more when somebody sent coins there.
func (k *Keeper) PoolsBacked(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	return k.Pools.Walk(ctx, nil, func(operator sdk.AccAddress, pool types.Pool) (bool, error) {
		for _, account := range []struct {
			address sdk.AccAddress
			owed    math.Int
		}{
			{types.PoolAddress(operator), pool.Delegated.Add(pool.Unbonding)},
			{types.RewardsAddress(operator), pool.OperatorRewards.Add(pool.DelegatorRewards)},
		} {
			held := k.bank.GetBalance(ctx, account.address, params.MinSelfBond.Denom)
			if held.Amount.LT(account.owed) {
				return true, types.ErrInvariant.Wrapf("pool account %s of operator %s holds %s, want %s", account.address, operator, held, account.owed)
			}
		}
		return false, nil
	})
}

// DelegationsMatch: pools, delegations and unbondings agree as GenesisState tells,
// lie where they belong, and no pool is kept that nobody needs.
func (k *Keeper) DelegationsMatch(ctx context.Context) error {
	gs := &types.GenesisState{}
	if err := k.exportDelegations(ctx, gs); err != nil {
		return err
	}
	var err error
	if gs.Supernodes, err = values(ctx, k.Supernodes); err != nil {
		return err
	}
	if err := gs.ValidateDelegations(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	err = k.Pools.Walk(ctx, nil, func(operator sdk.AccAddress, pool types.Pool) (bool, error) {
		if pool.Operator != operator.String() {
			return true, types.ErrInvariant.Wrapf("pool of %s at %s", pool.Operator, operator)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Delegations.Walk(ctx, nil, func(key delegationKey, delegation types.Delegation) (bool, error) {
		if delegation.Operator != key.K1().String() || delegation.Delegator != key.K2().String() {
			return true, types.ErrInvariant.Wrapf("delegation of %s to %s at %s to %s", delegation.Delegator, delegation.Operator, key.K2(), key.K1())
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Unbondings.Walk(ctx, nil, func(key unbondingKey, unbonding types.Unbonding) (bool, error) {
		if want := unbonding.Key(); key.K1() != want.K1() || !bytes.Equal(key.K2(), want.K2()) {
			return true, types.ErrInvariant.Wrapf("unbonding of %s from %s at %d/%x", unbonding.Delegator, unbonding.Operator, key.K1(), key.K2())
		}
		return false, nil
	})
}
