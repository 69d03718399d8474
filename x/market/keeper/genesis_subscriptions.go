package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

// initSubscriptions writes the subscriptions with their queue, the royalties and the
// revocations. The bank must have its state already: what no account backs is refused.
func (k *Keeper) initSubscriptions(ctx context.Context, gs types.GenesisState) error {
	for _, subscription := range gs.Subscriptions {
		buyer, err := types.ParseAddress("buyer", subscription.Buyer)
		if err != nil {
			return err
		}
		if err := k.setSubscription(ctx, buyer, subscription); err != nil {
			return err
		}
	}
	for _, revocation := range gs.Revocations {
		buyer, err := types.ParseAddress("buyer", revocation.Buyer)
		if err != nil {
			return err
		}
		if err := k.Revocations.Set(ctx, buyer, revocation.Time); err != nil {
			return err
		}
	}
	if err := k.initPools(ctx, gs); err != nil {
		return err
	}
	if err := k.checkPrepaid(ctx, gs.Subscriptions); err != nil {
		return err
	}
	return k.checkPools(ctx, gs)
}

// initPools writes the pools and their claims. Claims without a pool are of a closed one
// and being pruned.
func (k *Keeper) initPools(ctx context.Context, gs types.GenesisState) error {
	for _, pool := range gs.Pools {
		if err := k.Pools.Set(ctx, pool.Epoch, pool); err != nil {
			return err
		}
	}
	for _, claim := range gs.RoyaltyClaims {
		contributor, err := types.ParseAddress("contributor", claim.Contributor)
		if err != nil {
			return err
		}
		if err := k.RoyaltyClaims.Set(ctx, collections.Join(claim.Epoch, contributor), claim.Amount); err != nil {
			return err
		}
		open, err := k.Pools.Has(ctx, claim.Epoch)
		if err != nil {
			return err
		}
		if open {
			continue
		}
		if err := k.ClosedPools.Set(ctx, claim.Epoch); err != nil {
			return err
		}
	}
	return nil
}

// exportSubscriptions reads the subscriptions, the royalties and the revocations in the
// order of their keys.
func (k *Keeper) exportSubscriptions(ctx context.Context, gs *types.GenesisState) error {
	subscriptions, err := k.Subscriptions.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Subscriptions, err = subscriptions.Values(); err != nil {
		return err
	}
	pools, err := k.Pools.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Pools, err = pools.Values(); err != nil {
		return err
	}
	err = k.RoyaltyClaims.Walk(ctx, nil, func(key epochAddress, amount math.Int) (bool, error) {
		gs.RoyaltyClaims = append(gs.RoyaltyClaims, types.RoyaltyClaim{Epoch: key.K1(), Contributor: key.K2().String(), Amount: amount})
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Revocations.Walk(ctx, nil, func(buyer sdk.AccAddress, time int64) (bool, error) {
		gs.Revocations = append(gs.Revocations, types.Revocation{Buyer: buyer.String(), Time: time})
		return false, nil
	})
}
