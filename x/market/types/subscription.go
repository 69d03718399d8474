package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Subscribable returns the plan or feed pass with an id. It fails with ErrNotForSale when
// there is none, and with ErrInvalidSubscription when it is not sold by the period.
func (p Params) Subscribable(id string) (Product, error) {
	product, found := p.Product(id)
	if !found {
		return Product{}, ErrNotForSale.Wrapf("product: %.32q is not known", id)
	}
	if !product.Kind.byPeriod() {
		return Product{}, ErrInvalidSubscription.Wrapf("product: %s is of kind %s, want a plan or a feed", id, product.Kind)
	}
	return product, nil
}

func (k ProductKind) byPeriod() bool { return k == PRODUCT_KIND_FEED || k == PRODUCT_KIND_PLAN }

// NewSubscription has no periods yet; the first one is to begin at now, in unix seconds.
func NewSubscription(buyer sdk.AccAddress, now int64) Subscription {
	return Subscription{Buyer: buyer.String(), DueTime: now, Price: math.ZeroInt()}
}

// Renew sets how many periods have not begun, and copies what each of them costs and gives,
// so that no later change of the parameters touches what was paid for.
func (s *Subscription) Renew(product Product, price math.Int, rates Rates, periods uint32) {
	s.Product, s.Kind, s.Feed, s.Quotas = product.Id, product.Kind, product.Feed, product.Quotas
	s.PeriodSeconds, s.Rates, s.Price, s.PeriodsLeft = product.PeriodSeconds, rates, price, periods
}

// Prepaid is what the periods cost that have not begun, in uvmt.
func (s Subscription) Prepaid() math.Int { return s.Price.MulRaw(int64(s.PeriodsLeft)) }

// IsOver tells whether no period runs at now, and none will.
func (s Subscription) IsOver(now int64) bool { return s.PeriodsLeft == 0 && s.DueTime <= now }
