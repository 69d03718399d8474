package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// BountiesInvariant: each running bounty has its money, stands in every queue that it
// should, and nothing is left of the others.
func (k *Keeper) BountiesInvariant(ctx context.Context) error {
	for _, check := range []func(context.Context) error{
		k.checkEscrows, k.checkBountyExpiry, k.checkWantedSet, k.checkMatches, k.checkBountyPayments,
	} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// checkEscrows: an escrow holds at least the amount of its bounty, which is the sum of the
// stakes. It may hold more, because anybody can send coins to it.
func (k *Keeper) checkEscrows(ctx context.Context) error {
	funders := 0
	err := k.Bounties.Walk(ctx, nil, func(id []byte, bounty types.Bounty) (bool, error) {
		stakes, err := k.stakes(ctx, id)
		if err != nil {
			return true, err
		}
		sum := math.ZeroInt()
		for _, stake := range stakes {
			sum = sum.Add(stake.Amount)
		}
		held := k.bank.GetBalance(ctx, types.EscrowAddress(id), types.Denom).Amount
		if !sum.Equal(bounty.Amount) || held.LT(bounty.Amount) {
			return true, types.ErrInvariant.Wrapf("bounty %x is of %s, its stakes are %s, its escrow holds %s", id, bounty.Amount, sum, held)
		}
		funders += len(stakes)
		return false, nil
	})
	if err != nil {
		return err
	}
	return checkEntries(ctx, k.Stakes, funders)
}

// checkBountyExpiry: every bounty is in the expiry queue once.
func (k *Keeper) checkBountyExpiry(ctx context.Context) error {
	bounties := 0
	err := k.Bounties.Walk(ctx, nil, func(id []byte, bounty types.Bounty) (bool, error) {
		bounties++
		queued, err := k.BountyExpiry.Has(ctx, collections.Join(bounty.ExpiryTime, id))
		if err == nil && !queued {
			err = types.ErrInvariant.Wrapf("bounty %x is not in the queue of %d", id, bounty.ExpiryTime)
		}
		return err != nil, err
	})
	if err != nil {
		return err
	}
	return checkEntries(ctx, collections.Map[timeKey, collections.NoValue](k.BountyExpiry), bounties)
}

// checkWantedSet: wanted has exactly the wanted bounties.
func (k *Keeper) checkWantedSet(ctx context.Context) error {
	wanted := 0
	err := k.Bounties.Walk(ctx, nil, func(id []byte, bounty types.Bounty) (bool, error) {
		listed, err := k.Wanted.Has(ctx, id)
		if err == nil && listed != bounty.Kind.Wanted() {
			err = types.ErrInvariant.Wrapf("bounty %x is of %s, wanted has it: %t", id, bounty.Kind, listed)
		}
		if bounty.Kind.Wanted() {
			wanted++
		}
		return err != nil, err
	})
	if err != nil {
		return err
	}
	return checkEntries(ctx, collections.Map[[]byte, collections.NoValue](k.Wanted), wanted)
}

// checkMatches: matches are of running wanted bounties, few for each, and those that are due
// are queued.
func (k *Keeper) checkMatches(ctx context.Context) error {
	counts := make(map[string]int) // only looked up
	return k.Matches.Walk(ctx, nil, func(key hashPair, due int64) (bool, error) {
		listed, err := k.Wanted.Has(ctx, key.K1())
		if err != nil {
			return true, err
		}
		if counts[string(key.K1())]++; !listed || counts[string(key.K1())] > types.MaxMatches {
			return true, types.ErrInvariant.Wrapf("match (%x, %x): the bounty runs: %t, match %d of it", key.K1(), key.K2(), listed, counts[string(key.K1())])
		}
		if due == 0 {
			return false, nil
		}
		queued, err := k.BountyPayments.Has(ctx, collections.Join3(due, key.K1(), key.K2()))
		if err == nil && !queued {
			err = types.ErrInvariant.Wrapf("match (%x, %x) is due at %d but not queued", key.K1(), key.K2(), due)
		}
		return err != nil, err
	})
}

// checkBountyPayments: what is queued is a match that is due then.
func (k *Keeper) checkBountyPayments(ctx context.Context) error {
	return k.BountyPayments.Walk(ctx, nil, func(key paymentKey) (bool, error) {
		due, err := k.Matches.Get(ctx, collections.Join(key.K2(), key.K3()))
		if err != nil || due != key.K1() {
			return true, types.ErrInvariant.Wrapf("payment (%d, %x, %x) is queued, but the match is due at %d (error %v)", key.K1(), key.K2(), key.K3(), due, err)
		}
		return false, nil
	})
}

// checkEntries: a collection has as many entries as the bounties account for.
func checkEntries[K, V any](ctx context.Context, entries collections.Map[K, V], want int) error {
	have := 0
	err := entries.Walk(ctx, nil, func(K, V) (bool, error) {
		have++
		return false, nil
	})
	if err == nil && have != want {
		err = types.ErrInvariant.Wrapf("%s has %d entries, the bounties account for %d", entries.GetName(), have, want)
	}
	return err
}
