package types

// validatePrices checks the prices, in ascending order of their products, against the
// bounds of the products and against the orders that have not ended.
func (gs GenesisState) validatePrices() error {
	uncounted := make(map[string]bool, len(gs.Uncounted))
	for _, order := range gs.Uncounted {
		uncounted[string(order)] = true
	}
	book := make(Book)
	for i, order := range gs.Orders {
		if order.Price.IsNil() || !order.Price.IsPositive() || order.Price.BigInt().BitLen() > 64 {
			return ErrInvalidGenesis.Wrapf("orders[%d].price: %s, want a positive one of at most 64 bits", i, order.Price)
		}
		if !uncounted[string(order.Id)] {
			book.Add(order)
		}
	}
	for i, price := range gs.Prices {
		if i > 0 && gs.Prices[i-1].Product >= price.Product {
			return ErrInvalidGenesis.Wrapf("prices[%d]: %.32q is not in ascending order", i, price.Product)
		}
		if err := price.Validate(gs.Params); err != nil {
			return ErrInvalidGenesis.Wrapf("prices[%d]: %s", i, err)
		}
		if err := book.Check(price); err != nil {
			return ErrInvalidGenesis.Wrapf("prices[%d]: %s", i, err)
		}
	}
	if err := book.CheckRest(); err != nil {
		return ErrInvalidGenesis.Wrapf("prices: %s", err)
	}
	return nil
}
