package types

import (
	"bytes"
	"crypto/sha256"

	"cosmossdk.io/math"

	errorsmod "cosmossdk.io/errors"
)

// validateOrders checks the orders and what belongs to them, all in the order of their keys.
func (gs GenesisState) validateOrders() error {
	running := make(map[string]bool, len(gs.Orders)) // by id; false for what has ended
	for i, order := range gs.Orders {
		if i > 0 && bytes.Compare(gs.Orders[i-1].Id, order.Id) >= 0 {
			return ErrInvalidGenesis.Wrapf("orders[%d]: %x is not in ascending order", i, order.Id)
		}
		if err := order.validate(); err != nil {
			return errorsmod.Wrapf(err, "orders[%d]", i)
		}
		running[string(order.Id)] = !order.Status.Ended()
	}
	for i, id := range gs.Uncounted {
		if i > 0 && bytes.Compare(gs.Uncounted[i-1], id) >= 0 {
			return ErrInvalidGenesis.Wrapf("uncounted[%d]: %x is not in ascending order", i, id)
		}
		if !running[string(id)] {
			return ErrInvalidGenesis.Wrapf("uncounted[%d]: no order %x that has not ended", i, id)
		}
	}
	if err := gs.validateFirstContributors(); err != nil {
		return err
	}
	return gs.validateSuspensions()
}

func (gs GenesisState) validateFirstContributors() error {
	for i, first := range gs.FirstContributors {
		if len(first.Sha256) != sha256.Size {
			return ErrInvalidGenesis.Wrapf("first_contributors[%d].sha256: %d bytes, want %d", i, len(first.Sha256), sha256.Size)
		}
		if i > 0 && bytes.Compare(gs.FirstContributors[i-1].Sha256, first.Sha256) >= 0 {
			return ErrInvalidGenesis.Wrapf("first_contributors[%d]: %x is not in ascending order", i, first.Sha256)
		}
		if err := canonical("contributor", first.Contributor); err != nil {
			return errorsmod.Wrapf(err, "first_contributors[%d]", i)
		}
	}
	return nil
}

func (gs GenesisState) validateSuspensions() error {
	var last []byte
	for i, suspension := range gs.Suspensions {
		operator, err := ParseAddress("operator", suspension.Operator)
		if err != nil {
			return errorsmod.Wrapf(err, "suspensions[%d]", i)
		}
		if err := canonical("operator", suspension.Operator); err != nil {
			return errorsmod.Wrapf(err, "suspensions[%d]", i)
		}
		first := i == 0 || gs.Suspensions[i-1].Epoch < suspension.Epoch
		if !first && (gs.Suspensions[i-1].Epoch > suspension.Epoch || bytes.Compare(last, operator) >= 0) {
			return ErrInvalidGenesis.Wrapf("suspensions[%d]: (%d, %s) is not in ascending order", i, suspension.Epoch, suspension.Operator)
		}
		last = operator
	}
	return nil
}

func (o Order) validate() error {
	for _, account := range []struct{ field, address string }{
		{"buyer", o.Buyer}, {"contributor", o.Contributor}, {"operator", o.Operator},
	} {
		if err := canonical(account.field, account.address); err != nil {
			return err
		}
	}
	switch {
	case len(o.Id) != sha256.Size:
		return ErrInvalidGenesis.Wrapf("id: %d bytes, want %d", len(o.Id), sha256.Size)
	case len(o.Sha256) != sha256.Size:
		return ErrInvalidGenesis.Wrapf("sha256: %d bytes, want %d", len(o.Sha256), sha256.Size)
	case !productID.MatchString(o.Product):
		return ErrInvalidGenesis.Wrapf("product: %.40q does not match %s", o.Product, productID)
	case o.Price.IsNil() || !o.Price.IsPositive() || o.Price.GT(math.NewInt(maxPrice)):
		return ErrInvalidGenesis.Wrapf("price: %s, want 1..%d", o.Price, uint64(maxPrice))
	case len(o.Sealing.KeyCommitment) != sha256.Size:
		return ErrInvalidGenesis.Wrapf("sealing.key_commitment: %d bytes, want %d", len(o.Sealing.KeyCommitment), sha256.Size)
	case len(o.Bundle) != 0 && len(o.Bundle) != sha256.Size:
		return ErrInvalidGenesis.Wrapf("bundle: %d bytes, want 0 or %d", len(o.Bundle), sha256.Size)
	case o.OrderedHeight < 0 || o.FallbackHeight < o.OrderedHeight:
		return ErrInvalidGenesis.Wrapf("ordered_height %d, fallback_height %d: want 0 <= the first <= the second", o.OrderedHeight, o.FallbackHeight)
	case !o.Status.mayEnd(o.Ending):
		return ErrInvalidGenesis.Wrapf("status, ending: %s does not go with %s", o.Status, o.Ending)
	}
	if err := o.Rates.Validate(); err != nil {
		return ErrInvalidGenesis.Wrap(err.Error())
	}
	if err := o.ValidateSplit(); err != nil {
		return ErrInvalidGenesis.Wrap(err.Error())
	}
	return o.validateProgress()
}

// validateProgress wants what an order has by its status, and nothing else.
func (o Order) validateProgress() error {
	if n := len(o.SealedKey); (n != 0) != o.delivered() || (n != 0 && n != SealedKeySize) {
		return ErrInvalidGenesis.Wrapf("sealed_key: %d bytes of an order that is %s (%s), want 0 or %d", n, o.Status, o.Ending, SealedKeySize)
	}
	if o.Status.Ended() {
		if o.DueHeight != 0 || len(o.OneTimeKey) != 0 || o.EndedTime <= 0 {
			return ErrInvalidGenesis.Wrapf("due_height %d, one_time_key of %d bytes, ended_time %d: the order has ended", o.DueHeight, len(o.OneTimeKey), o.EndedTime)
		}
		return nil
	}
	if o.DueHeight <= 0 || o.EndedTime != 0 {
		return ErrInvalidGenesis.Wrapf("due_height %d, ended_time %d: the order has not ended", o.DueHeight, o.EndedTime)
	}
	buyer, err := ParseAddress("buyer", o.Buyer)
	if err != nil {
		return err
	}
	if !bytes.Equal(o.Id, NewOrderID(buyer, o.Sha256, o.OneTimeKey)) {
		return ErrInvalidGenesis.Wrapf("id: %x is not of its buyer, sample and one-time key", o.Id)
	}
	return nil
}

// canonical refuses an address that is not written as the chain writes it.
func canonical(field, address string) error {
	parsed, err := ParseAddress(field, address)
	if err != nil {
		return err
	}
	if parsed.String() != address {
		return ErrInvalidGenesis.Wrapf("%s: %q is not written as %s", field, address, parsed)
	}
	return nil
}
