package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

// initSale writes the tranches with their purchases, and queues the ends of those that have
// not ended. Tranches whose account does not hold what they have left are refused.
func (k *Keeper) initSale(ctx context.Context, gs types.GenesisState) error {
	for _, tranche := range gs.Tranches {
		if err := k.insertTranche(ctx, tranche); err != nil {
			return err
		}
		if err := k.checkTrancheAccount(ctx, tranche); err != nil {
			return err
		}
	}
	for _, purchase := range gs.Purchases {
		buyer, err := types.ParseAddress("buyer", purchase.Buyer)
		if err != nil {
			return err
		}
		if err := k.Purchases.Set(ctx, collections.Join(purchase.Tranche, buyer), purchase.Amount); err != nil {
			return err
		}
	}
	return nil
}

// exportSale reads the tranches and purchases in the order of their keys.
func (k *Keeper) exportSale(ctx context.Context, gs *types.GenesisState) error {
	tranches, err := k.Tranches.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Tranches, err = tranches.Values(); err != nil {
		return err
	}
	return k.Purchases.Walk(ctx, nil, func(key purchaseKey, amount math.Int) (bool, error) {
		gs.Purchases = append(gs.Purchases, types.Purchase{
			Tranche: key.K1(), Buyer: sdk.AccAddress(key.K2()).String(), Amount: amount,
		})
		return false, nil
	})
}
