package types

import (
	"fmt"

	"cosmossdk.io/math"
)

// Ended tells that an order was paid or refunded, and holds no money any more.
func (s OrderStatus) Ended() bool {
	return s == ORDER_STATUS_SETTLED || s == ORDER_STATUS_REFUNDED
}

// mayEnd tells whether an order of a status can have an ending noted.
func (s OrderStatus) mayEnd(ending Ending) bool {
	switch s {
	case ORDER_STATUS_OPEN:
		return ending == ENDING_UNSPECIFIED
	case ORDER_STATUS_DELIVERED: // until the end of the block in which its buyer ended it
		return ending == ENDING_UNSPECIFIED || ending == ENDING_ACCEPTED || ending == ENDING_RIGHT_KEY
	case ORDER_STATUS_WRONG:
		return ending == ENDING_WRONG_KEY
	case ORDER_STATUS_SETTLED:
		return ending == ENDING_ACCEPTED || ending == ENDING_UNDISPUTED || ending == ENDING_RIGHT_KEY
	case ORDER_STATUS_REFUNDED:
		return ending == ENDING_WRONG_KEY || ending == ENDING_NOT_DELIVERED || ending == ENDING_BLOCKED
	default:
		return false
	}
}

// delivered tells whether an order has a sealed key.
func (o Order) delivered() bool {
	return o.Status != ORDER_STATUS_OPEN && o.Ending != ENDING_NOT_DELIVERED && o.Ending != ENDING_BLOCKED
}

// ValidateSplit wants parts that sum up to the price of a SETTLED order, and none of others.
func (o Order) ValidateSplit() error {
	want := math.ZeroInt()
	if o.Status == ORDER_STATUS_SETTLED {
		want = o.Price
	}
	for _, part := range []math.Int{o.Split.Contributor, o.Split.Engines, o.Split.Deliverer, o.Split.Storage, o.Split.Burned} {
		if part.IsNil() || part.IsNegative() || part.GT(want) {
			return fmt.Errorf("split: part %s of %s", part, want)
		}
	}
	if sum := o.Split.Sum(); !sum.Equal(want) {
		return fmt.Errorf("split: the parts sum up to %s, want %s", sum, want)
	}
	return nil
}
