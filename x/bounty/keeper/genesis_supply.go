package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initSupply writes how the supply was divided.
func (k *Keeper) initSupply(ctx context.Context, gs types.GenesisState) error {
	return k.Allocation.Set(ctx, gs.Allocation)
}

// exportSupply reads how the supply was divided, and reckons what was burned since.
func (k *Keeper) exportSupply(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Allocation, err = k.Allocation.Get(ctx); err != nil {
		return err
	}
	if !gs.Allocation.IsZero() {
		gs.Burned = types.TotalSupply.Sub(k.bank.GetSupply(ctx, types.Denom).Amount)
	}
	return nil
}

// checkSupply refuses a chain whose balances are not those of its allocation.
func (k *Keeper) checkSupply(ctx context.Context, gs types.GenesisState) error {
	return gs.CheckSupply(
		k.bank.GetSupply(ctx, types.Denom).Amount,
		k.bank.GetBalance(ctx, k.treasury(), types.Denom).Amount)
}
