package types

import (
	"bytes"

	"cosmossdk.io/math"

	errorsmod "cosmossdk.io/errors"
)

// validateSale checks the tranches with their purchases, in the order of their keys.
func (gs GenesisState) validateSale() error {
	tranches := make(map[string]Tranche, len(gs.Tranches))
	for i, tranche := range gs.Tranches {
		if err := tranche.Validate(); err != nil {
			return errorsmod.Wrapf(err, "tranches[%d]", i)
		}
		if i > 0 && bytes.Compare(gs.Tranches[i-1].Id, tranche.Id) >= 0 {
			return ErrInvalidGenesis.Wrapf("tranches[%d]: %x is not in ascending order", i, tranche.Id)
		}
		tranches[string(tranche.Id)] = tranche
	}
	return gs.validatePurchases(tranches)
}

// validatePurchases checks that purchases are in the order of their keys, within the caps,
// and sum up to what the tranches sold.
func (gs GenesisState) validatePurchases(tranches map[string]Tranche) error {
	sums := make(map[string]math.Int, len(tranches))
	var last []byte
	for i, purchase := range gs.Purchases {
		buyer, err := ParseAddress("buyer", purchase.Buyer)
		if err != nil {
			return errorsmod.Wrapf(err, "purchases[%d]", i)
		}
		id := string(purchase.Tranche)
		tranche, found := tranches[id]
		key := append(bytes.Clone(purchase.Tranche), buyer...)
		switch {
		case !found:
			return ErrInvalidGenesis.Wrapf("purchases[%d]: no tranche %x", i, purchase.Tranche)
		case buyer.String() != purchase.Buyer:
			return ErrInvalidGenesis.Wrapf("purchases[%d].buyer: %q is not written as %s", i, purchase.Buyer, buyer)
		case i > 0 && bytes.Compare(last, key) >= 0:
			return ErrInvalidGenesis.Wrapf("purchases[%d]: (%x, %s) is not in ascending order", i, purchase.Tranche, purchase.Buyer)
		case purchase.Amount.IsNil() || !purchase.Amount.IsPositive() || purchase.Amount.GT(tranche.Cap):
			return ErrInvalidGenesis.Wrapf("purchases[%d].amount: %s, want 1..%s", i, purchase.Amount, tranche.Cap)
		}
		if _, summed := sums[id]; !summed {
			sums[id] = math.ZeroInt()
		}
		sums[id], last = sums[id].Add(purchase.Amount), key
	}
	for i, tranche := range gs.Tranches {
		sum, bought := sums[string(tranche.Id)]
		if !bought {
			sum = math.ZeroInt()
		}
		if !sum.Equal(tranche.Sold) {
			return ErrInvalidGenesis.Wrapf("tranches[%d].sold: %s, but the purchases are %s", i, tranche.Sold, sum)
		}
	}
	return nil
}
