package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/market/types"
)

// initPrices writes the prices. That what is on order is what they say was validated.
func (k *Keeper) initPrices(ctx context.Context, gs types.GenesisState) error {
	for _, price := range gs.Prices {
		if err := k.Prices.Set(ctx, price.Product, price); err != nil {
			return err
		}
	}
	return k.PriceEpoch.Set(ctx, gs.PriceEpoch)
}

// exportPrices reads the prices in the order of their products.
func (k *Keeper) exportPrices(ctx context.Context, gs *types.GenesisState) error {
	prices, err := k.Prices.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Prices, err = prices.Values(); err != nil {
		return err
	}
	gs.PriceEpoch, err = k.priceEpoch(ctx)
	return err
}

// priceEpoch is the epoch that the demands are of; 0 before the first.
func (k *Keeper) priceEpoch(ctx context.Context) (uint64, error) {
	epoch, err := k.PriceEpoch.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return epoch, err
}
