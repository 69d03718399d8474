package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// initDelegations sets the pools, the delegations and what is on its way out.
func (k *Keeper) initDelegations(ctx context.Context, gs *types.GenesisState) error {
	for _, pool := range gs.Pools {
		operator, err := types.ParseAddress("operator", pool.Operator)
		if err != nil {
			return err
		}
		if err := k.Pools.Set(ctx, operator, pool); err != nil {
			return err
		}
	}
	for _, delegation := range gs.Delegations {
		delegator, operator, err := parseDelegation(delegation.Delegator, delegation.Operator)
		if err != nil {
			return err
		}
		if err := k.Delegations.Set(ctx, collections.Join(operator, delegator), delegation); err != nil {
			return err
		}
	}
	for _, unbonding := range gs.Unbondings {
		if err := k.Unbondings.Set(ctx, unbonding.Key(), unbonding); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportDelegations(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Pools, err = values(ctx, k.Pools); err != nil {
		return err
	}
	if gs.Delegations, err = values(ctx, k.Delegations); err != nil {
		return err
	}
	gs.Unbondings, err = values(ctx, k.Unbondings)
	return err
}
