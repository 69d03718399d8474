package rewards

import (
	"math/big"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// emission is what the schedule gives in an epoch. A period of N epochs gives half of what
// is left, P, in equal parts: after i+1 of its epochs ⌊P·(i+1)/N⌋ are given.
func emission(schedule bounty.Schedule, epoch uint64) *big.Int {
	period, i := epoch/schedule.PeriodEpochs, epoch%schedule.PeriodEpochs
	left := func(period uint64) *big.Int {
		if period >= 256 {
			return new(big.Int)
		}
		return new(big.Int).Rsh(schedule.Treasury.BigInt(), uint(period))
	}
	whole := new(big.Int).Sub(left(period), left(period+1))
	given := part(whole, new(big.Int).SetUint64(i+1), new(big.Int).SetUint64(schedule.PeriodEpochs))
	given.Sub(given, part(whole, new(big.Int).SetUint64(i), new(big.Int).SetUint64(schedule.PeriodEpochs)))
	if tail := schedule.Tail.BigInt(); given.Cmp(tail) < 0 {
		return tail
	}
	return given
}

// part is ⌊of · numerator / denominator⌋, 0 of nothing.
func part(of, numerator, denominator *big.Int) *big.Int {
	if denominator.Sign() == 0 {
		return new(big.Int)
	}
	product := new(big.Int).Mul(of, numerator)
	return product.Div(product, denominator)
}

// share is part of numbers that fit into 64 bits.
func share(of, numerator, denominator uint64) uint64 {
	return part(number(of), number(numerator), number(denominator)).Uint64()
}

func number(n uint64) *big.Int { return new(big.Int).SetUint64(n) }

func smaller(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}
