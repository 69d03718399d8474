package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/market/types"
)

// SubscriptionsInvariant: subscriptions and pools are such as a genesis may hold, have their
// money, and wait where they belong.
func (k *Keeper) SubscriptionsInvariant(ctx context.Context) error {
	gs := types.DefaultGenesis()
	if err := k.exportSubscriptions(ctx, gs); err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return types.ErrInvariant.Wrap(err.Error())
	}
	if err := k.checkPrepaid(ctx, gs.Subscriptions); err != nil {
		return err
	}
	if err := k.checkSubscriptionDue(ctx, gs.Subscriptions); err != nil {
		return err
	}
	if err := k.checkPools(ctx, *gs); err != nil {
		return err
	}
	return k.checkClosedPools(ctx, gs.RoyaltyClaims)
}

// checkPrepaid: the account of a subscription has what its periods cost that have not
// begun, and more when somebody sent coins there.
func (k *Keeper) checkPrepaid(ctx context.Context, subscriptions []types.Subscription) error {
	for _, subscription := range subscriptions {
		buyer, err := types.ParseAddress("buyer", subscription.Buyer)
		if err != nil {
			return err
		}
		held := k.bank.GetBalance(ctx, types.PlanAddress(buyer, subscription.Product), types.Denom).Amount
		if held.LT(subscription.Prepaid()) {
			return types.ErrInvariant.Wrapf("%s of %s holds %s, %d periods of %s are left",
				subscription.Product, buyer, held, subscription.PeriodsLeft, subscription.Price)
		}
	}
	return nil
}

// checkSubscriptionDue: every subscription is queued once, for its due time, and nothing
// else is.
func (k *Keeper) checkSubscriptionDue(ctx context.Context, subscriptions []types.Subscription) error {
	waiting := 0
	err := k.SubscriptionDue.Walk(ctx, nil, func(subscriptionDueKey) (bool, error) { waiting++; return false, nil })
	if err != nil {
		return err
	}
	for _, subscription := range subscriptions {
		buyer, err := types.ParseAddress("buyer", subscription.Buyer)
		if err != nil {
			return err
		}
		queued, err := k.SubscriptionDue.Has(ctx, collections.Join3(subscription.DueTime, buyer, subscription.Product))
		if err != nil {
			return err
		}
		if !queued {
			return types.ErrInvariant.Wrapf("%s of %s is not queued for %d", subscription.Product, buyer, subscription.DueTime)
		}
	}
	if waiting != len(subscriptions) {
		return types.ErrInvariant.Wrapf("%d dues of %d subscriptions", waiting, len(subscriptions))
	}
	return nil
}

// checkPools: a pool has what was paid into it and is not claimed, and more when somebody
// sent coins there; and its epoch has begun.
func (k *Keeper) checkPools(ctx context.Context, gs types.GenesisState) error {
	current, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	claimed := make(map[uint64]math.Int, len(gs.Pools))
	for _, claim := range gs.RoyaltyClaims {
		if sum, some := claimed[claim.Epoch]; some {
			claim.Amount = claim.Amount.Add(sum)
		}
		claimed[claim.Epoch] = claim.Amount
	}
	for _, pool := range gs.Pools {
		held := k.bank.GetBalance(ctx, types.PoolAddress(pool.Epoch), types.Denom).Amount
		if sum, some := claimed[pool.Epoch]; some {
			held = held.Add(sum)
		}
		if held.LT(pool.Amount) || pool.Epoch > current.Number {
			return types.ErrInvariant.Wrapf("pool of epoch %d has %s with claims, want %s; epoch %d is running",
				pool.Epoch, held, pool.Amount, current.Number)
		}
	}
	return nil
}

// checkClosedPools: each claim is of a pool that is open, or of a closed one that is being
// pruned; never of both.
func (k *Keeper) checkClosedPools(ctx context.Context, claims []types.RoyaltyClaim) error {
	for _, claim := range claims {
		open, err := k.Pools.Has(ctx, claim.Epoch)
		if err != nil {
			return err
		}
		closed, err := k.ClosedPools.Has(ctx, claim.Epoch)
		if err != nil {
			return err
		}
		if open == closed {
			return types.ErrInvariant.Wrapf("claim of %s in epoch %d: the pool is open: %t, being pruned: %t",
				claim.Contributor, claim.Epoch, open, closed)
		}
	}
	return nil
}
