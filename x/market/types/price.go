package types

import "math/bits"

// NextPrice moves a price by how much demand was off its target, as the base fee of
// EIP-1559 does:
//
//	price + price · step_ppm · (demand - target) / target / ppm
//
// with demand counted up to twice the target, so that a step is at most step_ppm either
// way; rounded towards the price, but for at least 1 uvmt where demand is off; and kept
// within the floor and ceiling of the product.
func NextPrice(product Product, price, demand uint64, stepPpm uint32) uint64 {
	demand = min(demand, 2*product.Target)
	off, up := demand-product.Target, demand >= product.Target
	if !up {
		off = product.Target - demand
	}
	if off > 0 {
		move := max(1, mulDiv(mulDiv(price, uint64(stepPpm), ppm), off, product.Target))
		if up {
			price += move
		} else {
			price -= min(move, price)
		}
	}
	return min(max(price, product.Floor), product.Ceiling)
}

// mulDiv is a·b/c without overflow, where the result fits: c >= b, or prices below 2^44.
func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	quo, _ := bits.Div64(hi, lo, c)
	return quo
}
