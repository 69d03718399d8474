package types

import (
	"math/big"

	"cosmossdk.io/math"
)

const (
	// DefaultPeriodEpochs halves the emission every four years of daily epochs.
	DefaultPeriodEpochs = 1461
	// maxPeriods is from where on the halving gives nothing: no amount has more bits.
	maxPeriods = 256
)

// Validate returns ErrInvalidGenesis naming the field that is out of its bounds.
func (s Schedule) Validate() error {
	if s.PeriodEpochs == 0 {
		return ErrInvalidGenesis.Wrap("schedule.period_epochs is 0, want 1 or more")
	}
	if err := checkNatural("schedule.treasury", s.Treasury); err != nil {
		return err
	}
	return checkNatural("schedule.tail", s.Tail)
}

// Period counts the halvings before an epoch.
func (s Schedule) Period(epoch uint64) uint64 { return epoch / s.PeriodEpochs }

// Emission is what the schedule gives in an epoch, in uvmt: the halving, but at least the
// tail. A period p gives what remains at its start less what remains at its end,
//
//	R(p) = ⌊treasury / 2ᵖ⌋    P = R(p) − R(p+1)
//
// and its i-th of N epochs what that sums up to less what it summed up to before,
//
//	⌊P·(i+1)/N⌋ − ⌊P·i/N⌋
//
// so that the epochs of a period give exactly P, and all of them exactly the treasury.
func (s Schedule) Emission(epoch uint64) math.Int {
	return math.MaxInt(s.halving(epoch), s.Tail)
}

func (s Schedule) halving(epoch uint64) math.Int {
	period := s.Period(epoch)
	if period >= maxPeriods {
		return math.ZeroInt()
	}
	gives := new(big.Int).Sub(s.remains(period), s.remains(period+1))
	n := new(big.Int).SetUint64(s.PeriodEpochs)
	sum := func(epochs uint64) *big.Int {
		product := new(big.Int).Mul(gives, new(big.Int).SetUint64(epochs))
		return product.Quo(product, n)
	}
	i := epoch % s.PeriodEpochs
	return math.NewIntFromBigInt(new(big.Int).Sub(sum(i+1), sum(i)))
}

// remains is what the halving has not given when a period starts.
func (s Schedule) remains(period uint64) *big.Int {
	return new(big.Int).Rsh(s.Treasury.BigInt(), uint(period))
}
