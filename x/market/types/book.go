package types

import (
	"maps"
	"slices"
)

// Book sums up by product what is on order, to be compared with what the prices say.
type Book map[string]Price

// Add counts an order that has not ended.
func (b Book) Add(order Order) {
	if !order.OnOrder() {
		return
	}
	sum, found := b[order.Product]
	if !found {
		sum = NewPrice(order.Product, 0)
	}
	sum.Add(order)
	b[order.Product] = sum
}

// Check compares a price with the orders of its product and strikes them out.
func (b Book) Check(price Price) error {
	sum, found := b[price.Product]
	if !found {
		sum = NewPrice(price.Product, 0)
	}
	delete(b, price.Product)
	if price.OpenOrders != sum.OpenOrders || !price.Escrowed.Equal(sum.Escrowed) {
		return ErrInvariant.Wrapf("price of %s: has %d orders with %suvmt, but they are %d with %suvmt",
			price.Product, price.OpenOrders, price.Escrowed, sum.OpenOrders, sum.Escrowed)
	}
	return nil
}

// CheckRest refuses orders of products that have no price.
func (b Book) CheckRest() error {
	if len(b) == 0 {
		return nil
	}
	product := slices.Min(slices.Collect(maps.Keys(b)))
	return ErrInvariant.Wrapf("price of %s: is missing, but %d are on order", product, b[product].OpenOrders)
}
