package types

import "cosmossdk.io/math"

// TotalSupply is all VMT there will ever be, in uvmt: 1,000,000,000 VMT. What is burned
// is not replaced.
var TotalSupply = math.NewInt(1_000_000_000_000_000)

// DefaultAllocation gives 60 % of the supply to contributors, 20 % to the sale, 10 % to
// developers, and 5 % each to supporters and the community pool.
func DefaultAllocation() Allocation {
	percent := func(n int64) math.Int { return TotalSupply.MulRaw(n).QuoRaw(100) }
	return Allocation{
		Contribution: percent(60), Sale: percent(20), Developers: percent(10),
		Supporters: percent(5), Community: percent(5),
	}
}

// NoAllocation is that of a chain on which nobody is paid.
func NoAllocation() Allocation {
	zero := math.ZeroInt()
	return Allocation{Contribution: zero, Sale: zero, Developers: zero, Supporters: zero, Community: zero}
}

// IsZero tells that there is no allocation.
func (a Allocation) IsZero() bool {
	for _, part := range a.parts() {
		if !part.amount.IsNil() && !part.amount.IsZero() {
			return false
		}
	}
	return true
}

// Validate checks that the allocation is the whole supply, that contributors hold the
// majority of it, and that they get no less than the schedule promises. burned is by how
// much the supply has fallen since, in uvmt.
func (a Allocation) Validate(schedule Schedule, burned math.Int) error {
	sum := math.ZeroInt()
	for _, part := range a.parts() {
		if part.amount.IsNil() || part.amount.IsNegative() || part.amount.GT(TotalSupply) {
			return ErrInvalidGenesis.Wrapf("allocation.%s is %s, want 0..%s%s", part.name, part.amount, TotalSupply, Denom)
		}
		sum = sum.Add(part.amount)
	}
	limit := TotalSupply
	if a.IsZero() {
		limit = math.ZeroInt()
	}
	switch {
	case schedule.Treasury.IsNil() || !schedule.Treasury.Equal(a.Contribution):
		return ErrInvalidGenesis.Wrapf("schedule.treasury is %s, want %s%s as allocation.contribution",
			schedule.Treasury, a.Contribution, Denom)
	case burned.IsNil() || burned.IsNegative() || burned.GT(limit):
		return ErrInvalidGenesis.Wrapf("burned is %s, want 0..%s%s", burned, limit, Denom)
	case a.IsZero():
		return nil
	case !sum.Equal(TotalSupply):
		return ErrInvalidGenesis.Wrapf("allocation sums up to %s, want %s%s", sum, TotalSupply, Denom)
	case !a.Contribution.MulRaw(2).GT(TotalSupply):
		return ErrInvalidGenesis.Wrapf("allocation.contribution is %s, want more than %s%s: contributors must hold the majority",
			a.Contribution, TotalSupply.QuoRaw(2), Denom)
	}
	return nil
}

// CheckSupply checks the books against what the bank holds: supply is all there is, and
// treasury the balance of the module account, both in uvmt. A balance that is not of the
// allocation shows as a supply that is too large.
func (gs GenesisState) CheckSupply(supply, treasury math.Int) error {
	if gs.Allocation.IsZero() {
		if !treasury.IsZero() {
			return ErrInvalidGenesis.Wrapf("the treasury holds %s%s, want 0 without an allocation", treasury, Denom)
		}
		return nil
	}
	if sum := supply.Add(gs.Burned); !sum.Equal(TotalSupply) {
		return ErrInvalidGenesis.Wrapf("balances of %s and %s burned make %s%s, want the allocated %s: "+
			"a balance was added or taken away", supply, gs.Burned, sum, Denom, TotalSupply)
	}
	// Later the treasury has paid; the invariants know what it must hold then.
	if len(gs.Epochs) == 0 && !treasury.Equal(gs.Schedule.Treasury) {
		return ErrInvalidGenesis.Wrapf("the treasury holds %s, want %s%s as schedule.treasury",
			treasury, gs.Schedule.Treasury, Denom)
	}
	return nil
}

type allocationPart struct {
	name   string
	amount math.Int
}

func (a Allocation) parts() []allocationPart {
	return []allocationPart{
		{"contribution", a.Contribution},
		{"sale", a.Sale},
		{"developers", a.Developers},
		{"supporters", a.Supporters},
		{"community", a.Community},
	}
}
