package types

import (
	"fmt"

	"cosmossdk.io/math"
)

// Validate refuses rates that give away more than there is.
func (r Rates) Validate() error {
	sum := uint64(r.ContributorPpm) + uint64(r.EnginesPpm) + uint64(r.DelivererPpm) + uint64(r.StoragePpm)
	if sum > ppm {
		return fmt.Errorf("rates sum up to %d ppm, want at most %d", sum, ppm)
	}
	return nil
}

// Divide gives each part its rate of a payment, rounded down, and burns what is left.
func (r Rates) Divide(payment math.Int) Split {
	part := func(rate uint32) math.Int { return payment.MulRaw(int64(rate)).QuoRaw(ppm) }
	split := Split{
		Contributor: part(r.ContributorPpm), Engines: part(r.EnginesPpm),
		Deliverer: part(r.DelivererPpm), Storage: part(r.StoragePpm), Burned: math.ZeroInt(),
	}
	split.Burned = payment.Sub(split.Sum())
	return split
}

// NoSplit is that of an order that was not paid.
func NoSplit() Split {
	zero := math.ZeroInt()
	return Split{Contributor: zero, Engines: zero, Deliverer: zero, Storage: zero, Burned: zero}
}

// Sum of the parts, in uvmt.
func (s Split) Sum() math.Int {
	return s.Contributor.Add(s.Engines).Add(s.Deliverer).Add(s.Storage).Add(s.Burned)
}
