package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

// initOrders writes the orders with the queues they wait in. Orders whose escrow does not
// hold their money are refused.
func (k *Keeper) initOrders(ctx context.Context, gs types.GenesisState) error {
	for _, order := range gs.Orders {
		if err := k.insertOrder(ctx, order); err != nil {
			return err
		}
	}
	for _, id := range gs.Uncounted {
		if err := k.Uncounted.Set(ctx, id); err != nil {
			return err
		}
	}
	for _, first := range gs.FirstContributors {
		contributor, err := types.ParseAddress("contributor", first.Contributor)
		if err != nil {
			return err
		}
		if err := k.FirstContributors.Set(ctx, first.Sha256, contributor); err != nil {
			return err
		}
	}
	for _, suspension := range gs.Suspensions {
		operator, err := types.ParseAddress("operator", suspension.Operator)
		if err != nil {
			return err
		}
		if err := k.Suspensions.Set(ctx, collections.Join(suspension.Epoch, operator)); err != nil {
			return err
		}
	}
	return k.checkEscrows(ctx)
}

// exportOrders reads the orders in the order of their keys.
func (k *Keeper) exportOrders(ctx context.Context, gs *types.GenesisState) error {
	orders, err := k.Orders.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Orders, err = orders.Values(); err != nil {
		return err
	}
	uncounted, err := k.Uncounted.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Uncounted, err = uncounted.Keys(); err != nil {
		return err
	}
	err = k.FirstContributors.Walk(ctx, nil, func(hash, contributor []byte) (bool, error) {
		gs.FirstContributors = append(gs.FirstContributors, types.FirstContributor{
			Sha256: hash, Contributor: sdk.AccAddress(contributor).String(),
		})
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Suspensions.Walk(ctx, nil, func(key epochAddress) (bool, error) {
		gs.Suspensions = append(gs.Suspensions, types.Suspension{Epoch: key.K1(), Operator: key.K2().String()})
		return false, nil
	})
}
