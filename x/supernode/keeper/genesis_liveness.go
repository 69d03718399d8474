package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// initLiveness sets how duties were performed, who is benched, the beacon and the faults.
func (k *Keeper) initLiveness(ctx context.Context, gs *types.GenesisState) error {
	for _, liveness := range gs.Liveness {
		operator, err := types.ParseAddress("operator", liveness.Operator)
		if err != nil {
			return err
		}
		if err := k.Liveness.Set(ctx, operator, liveness); err != nil {
			return err
		}
	}
	for _, benched := range gs.Benched {
		operator, err := types.ParseAddress("operator", benched.Operator)
		if err != nil {
			return err
		}
		if err := k.Benched.Set(ctx, collections.Join(benched.Epoch, operator)); err != nil {
			return err
		}
	}
	for _, fault := range gs.VaultKeyFaults {
		if err := k.VaultKeyFaults.Set(ctx, fault.Epoch); err != nil {
			return err
		}
	}
	if len(gs.Beacon.Value) == 0 {
		return nil
	}
	return k.Beacon.Set(ctx, gs.Beacon)
}

// exportLiveness adds what initLiveness sets; the beacon is left empty before its first entropy.
func (k *Keeper) exportLiveness(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Liveness, err = values(ctx, k.Liveness); err != nil {
		return err
	}
	err = k.Benched.Walk(ctx, nil, func(key collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
		gs.Benched = append(gs.Benched, types.Benched{Epoch: key.K1(), Operator: key.K2().String()})
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.VaultKeyFaults.Walk(ctx, nil, func(epoch uint64) (bool, error) {
		gs.VaultKeyFaults = append(gs.VaultKeyFaults, types.VaultKeyFault{Epoch: epoch})
		return false, nil
	})
	if err != nil {
		return err
	}
	stirred, err := k.Beacon.Has(ctx)
	if err != nil || !stirred {
		return err
	}
	gs.Beacon, err = k.Beacon.Get(ctx)
	return err
}
