package types

import (
	"cosmossdk.io/math"

	errorsmod "cosmossdk.io/errors"
)

const (
	// maxPeriodsBound is the hard bound of the parameter max_periods.
	maxPeriodsBound = 1000
	// maxPoolBits bounds what a pool was paid, so that products with points stay far below
	// the 256 bits of math.Int.
	maxPoolBits = 64
)

// validateSubscriptions checks the subscriptions, the pools with what was claimed of them,
// and the revocations.
func (gs GenesisState) validateSubscriptions() error {
	seen := make(map[string]bool, len(gs.Subscriptions))
	for i, subscription := range gs.Subscriptions {
		if err := subscription.validate(); err != nil {
			return errorsmod.Wrapf(err, "subscriptions[%d]", i)
		}
		key := subscription.Buyer + " " + subscription.Product
		if seen[key] {
			return ErrInvalidGenesis.Wrapf("subscriptions[%d]: %s occurs twice", i, key)
		}
		seen[key] = true
	}
	if err := gs.validatePools(); err != nil {
		return err
	}
	revoked := make(map[string]bool, len(gs.Revocations))
	for i, revocation := range gs.Revocations {
		if err := checkAccount("buyer", revocation.Buyer); err != nil {
			return errorsmod.Wrapf(err, "revocations[%d]", i)
		}
		if revoked[revocation.Buyer] || revocation.Time <= 0 {
			return ErrInvalidGenesis.Wrapf("revocations[%d]: %s at %d, want each buyer once and a positive time", i, revocation.Buyer, revocation.Time)
		}
		revoked[revocation.Buyer] = true
	}
	return nil
}

func (s Subscription) validate() error {
	if err := checkAccount("buyer", s.Buyer); err != nil {
		return err
	}
	// What was copied of the product must be such as a product can be.
	copied := Product{
		Id: s.Product, Kind: s.Kind, Feed: s.Feed, Quotas: s.Quotas, PeriodSeconds: s.PeriodSeconds,
		InitialPrice: 1, Floor: 1, Ceiling: 1, Target: 1,
	}
	switch {
	case !s.Kind.byPeriod():
		return ErrInvalidGenesis.Wrapf("kind: %s, want a plan or a feed", s.Kind)
	case s.Price.IsNil() || !s.Price.IsPositive() || s.Price.GT(math.NewInt(maxPrice)):
		return ErrInvalidGenesis.Wrapf("price: %s, want 1..%d", s.Price, int64(maxPrice))
	case s.PeriodsLeft > maxPeriodsBound:
		return ErrInvalidGenesis.Wrapf("periods_left: %d, want at most %d", s.PeriodsLeft, maxPeriodsBound)
	case s.DueTime <= 0:
		return ErrInvalidGenesis.Wrapf("due_time: %d, want a positive one", s.DueTime)
	}
	if err := s.Rates.Validate(); err != nil {
		return ErrInvalidGenesis.Wrapf("rates: %s", err)
	}
	if err := copied.validate(); err != nil {
		return ErrInvalidGenesis.Wrapf("product %.32q: %s", s.Product, err)
	}
	return nil
}

// validatePools wants no more claimed of a pool than it was paid. Claims of an epoch
// without a pool are of one that is closed.
func (gs GenesisState) validatePools() error {
	left := make(map[uint64]math.Int, len(gs.Pools))
	for i, pool := range gs.Pools {
		if _, twice := left[pool.Epoch]; twice {
			return ErrInvalidGenesis.Wrapf("pools[%d]: epoch %d occurs twice", i, pool.Epoch)
		}
		if err := checkRoyalties(pool.Amount); err != nil {
			return errorsmod.Wrapf(err, "pools[%d]", i)
		}
		left[pool.Epoch] = pool.Amount
	}
	type key struct {
		epoch       uint64
		contributor string
	}
	seen := make(map[key]bool, len(gs.RoyaltyClaims))
	for i, claim := range gs.RoyaltyClaims {
		if err := checkAccount("contributor", claim.Contributor); err != nil {
			return errorsmod.Wrapf(err, "royalty_claims[%d]", i)
		}
		if err := checkRoyalties(claim.Amount); err != nil {
			return errorsmod.Wrapf(err, "royalty_claims[%d]", i)
		}
		claimed := key{claim.Epoch, claim.Contributor}
		if seen[claimed] {
			return ErrInvalidGenesis.Wrapf("royalty_claims[%d]: epoch %d of %s occurs twice", i, claim.Epoch, claim.Contributor)
		}
		seen[claimed] = true
		amount, open := left[claim.Epoch]
		if !open {
			continue
		}
		if amount.LT(claim.Amount) {
			return ErrInvalidGenesis.Wrapf("royalty_claims[%d]: %s of epoch %d, whose pool has %s left", i, claim.Amount, claim.Epoch, amount)
		}
		left[claim.Epoch] = amount.Sub(claim.Amount)
	}
	return nil
}

func checkRoyalties(amount math.Int) error {
	if amount.IsNil() || !amount.IsPositive() || amount.BigIntMut().BitLen() > maxPoolBits {
		return ErrInvalidGenesis.Wrapf("amount: %s, want 1 to 2^%d-1", amount, maxPoolBits)
	}
	return nil
}

// checkAccount also refuses an address that is spelled otherwise than the chain spells it
// (bech32 allows upper case), for then equal accounts could look unequal.
func checkAccount(field, address string) error {
	parsed, err := ParseAddress(field, address)
	if err == nil && parsed.String() != address {
		err = ErrInvalidAddress.Wrapf("%s: %q is not written as %s", field, address, parsed)
	}
	return err
}
