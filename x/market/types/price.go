package types

import (
	"fmt"
	"math/bits"

	"cosmossdk.io/math"
)

// maxEscrowedBits keeps the sums of prices far from the limits of math.Int.
const maxEscrowedBits = 128

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

// NewPrice is the record of a product that nothing was sold of yet.
func NewPrice(product string, price uint64) Price {
	return Price{Product: product, Price: price, Escrowed: math.ZeroInt()}
}

// Validate checks a price against the bounds of its product, if that is still sold.
func (p Price) Validate(params Params) error {
	low, high := uint64(0), uint64(maxPrice)
	if product, sold := params.Product(p.Product); sold {
		low, high = product.Floor, product.Ceiling
	}
	switch {
	case !productID.MatchString(p.Product):
		return fmt.Errorf("price of %.32q: product does not match %s", p.Product, productID)
	case p.Price < low || p.Price > high:
		return fmt.Errorf("price of %s: is %d, want %d..%d", p.Product, p.Price, low, high)
	case p.Escrowed.IsNil() || p.Escrowed.IsNegative() || p.Escrowed.BigInt().BitLen() > maxEscrowedBits:
		return fmt.Errorf("price of %s: escrowed is %s, want 0 or more of at most %d bits", p.Product, p.Escrowed, maxEscrowedBits)
	}
	return nil
}

// Add counts a new order.
func (p *Price) Add(order Order) {
	p.Demand++
	p.OpenOrders++
	p.Escrowed = p.Escrowed.Add(order.Price)
}

// Remove takes out an order that ends; ErrInvariant if there is none.
func (p *Price) Remove(order Order) error {
	if p.OpenOrders == 0 || p.Escrowed.LT(order.Price) {
		return ErrInvariant.Wrapf("product %s has %d orders with %suvmt, order %x of %suvmt is none of them",
			p.Product, p.OpenOrders, p.Escrowed, order.Id, order.Price)
	}
	p.OpenOrders--
	p.Escrowed = p.Escrowed.Sub(order.Price)
	return nil
}

// OnOrder tells that an order has not ended, so that the price of its product counts it.
func (o Order) OnOrder() bool {
	switch o.Status {
	case ORDER_STATUS_OPEN, ORDER_STATUS_DELIVERED, ORDER_STATUS_WRONG:
		return true
	default:
		return false
	}
}
