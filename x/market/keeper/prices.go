package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/market/types"
)

const (
	// countsPerClosing is how many orders a block counts for each that it may end: counting
	// is cheap, and a price must not lag behind its demand.
	countsPerClosing = 10
	// maxPriceMoves bounds the epochs that a block catches up with.
	maxPriceMoves = 4
)

// countOrders adds the new orders to the prices. Handlers only queue them, so that orders
// of one product do not wait for each other.
func (k *Keeper) countOrders(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	fresh, err := endblock.Take(ctx, k.Uncounted, nil, countsPerClosing*int(params.MaxClosingsPerBlock))
	if err != nil {
		return err
	}
	for _, id := range fresh {
		order, err := k.Orders.Get(ctx, id)
		if errors.Is(err, collections.ErrNotFound) {
			continue // against the invariant, but a count must not halt the chain
		}
		if err != nil {
			return err
		}
		if err := k.countOrder(ctx, order); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) countOrder(ctx context.Context, order types.Order) error {
	price, err := k.price(ctx, order.Product)
	if err != nil {
		return err
	}
	price.Add(order)
	return k.Prices.Set(ctx, order.Product, price)
}

// leaveBook takes an order that ends out of what is on order. One that was not counted yet
// is counted first, as it was demand all the same.
func (k *Keeper) leaveBook(ctx context.Context, order types.Order) error {
	uncounted, err := k.Uncounted.Has(ctx, order.Id)
	if err != nil {
		return err
	}
	if uncounted {
		if err := k.Uncounted.Remove(ctx, order.Id); err != nil {
			return err
		}
		if err := k.countOrder(ctx, order); err != nil {
			return err
		}
	}
	price, err := k.price(ctx, order.Product)
	if err != nil {
		return err
	}
	if err := price.Remove(order); err != nil {
		return err
	}
	return k.Prices.Set(ctx, order.Product, price)
}

// addDemand counts what was bought of a product; for use in EndBlock.
func (k *Keeper) addDemand(ctx context.Context, product string, count uint64) error {
	price, err := k.price(ctx, product)
	if err != nil {
		return err
	}
	price.Demand += count
	return k.Prices.Set(ctx, product, price)
}

// price is the record of a product. One that nothing was sold of yet has its initial price;
// one that is not sold any more has 0, as nobody pays it.
func (k *Keeper) price(ctx context.Context, id string) (types.Price, error) {
	price, err := k.Prices.Get(ctx, id)
	if !errors.Is(err, collections.ErrNotFound) {
		return price, err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return types.Price{}, err
	}
	product, _ := params.Product(id)
	return types.NewPrice(id, product.InitialPrice), nil
}

// currentPrice is what one of a product costs now, in uvmt.
func (k *Keeper) currentPrice(ctx context.Context, product types.Product) (uint64, error) {
	price, err := k.Prices.Get(ctx, product.Id)
	if errors.Is(err, collections.ErrNotFound) {
		return product.InitialPrice, nil
	}
	return price.Price, err
}

// movePrices lets every price follow its demand, once for each epoch that is over. The first
// epoch that there is only starts the count.
func (k *Keeper) movePrices(ctx context.Context) error {
	current, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	last, err := k.priceEpoch(ctx)
	if err != nil {
		return err
	}
	if last == 0 && current.Number > 0 {
		return k.PriceEpoch.Set(ctx, current.Number)
	}
	for moves := 0; last < current.Number && moves < maxPriceMoves; moves++ {
		last++
		failed := endblock.Isolate(ctx, fmt.Sprintf("prices of epoch %d", last), func(ctx context.Context) error {
			if err := k.moveAll(ctx); err != nil {
				return err
			}
			return k.PriceEpoch.Set(ctx, last)
		})
		if failed != nil {
			return nil // the next block tries again
		}
	}
	return nil
}

func (k *Keeper) moveAll(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	for _, product := range params.Products {
		price, err := k.price(ctx, product.Id)
		if err != nil {
			return err
		}
		next := types.NextPrice(product, price.Price, price.Demand, params.PriceStepPpm)
		demand := price.Demand
		price.Demand = 0
		if err := k.setPrice(ctx, price, next, demand); err != nil {
			return err
		}
	}
	return k.dropGonePrices(ctx, params)
}

func (k *Keeper) setPrice(ctx context.Context, price types.Price, next, demand uint64) error {
	before := price.Price
	price.Price = next
	if err := k.Prices.Set(ctx, price.Product, price); err != nil || before == next {
		return err
	}
	return emit(ctx, &types.EventPriceMoved{Product: price.Product, Before: before, After: next, Demand: demand})
}

// dropGonePrices drops the prices of products that are not sold any more, as soon as none
// of them is on order. There are few: products are parameters.
func (k *Keeper) dropGonePrices(ctx context.Context, params types.Params) error {
	var gone []string
	err := k.Prices.Walk(ctx, nil, func(id string, price types.Price) (bool, error) {
		if _, sold := params.Product(id); !sold && price.OpenOrders == 0 {
			gone = append(gone, id)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, id := range gone {
		if err := k.Prices.Remove(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// boundPrices puts prices within the bounds of new parameters. A product that was not sold
// before starts at its initial price, also where a price of former sales is left.
func (k *Keeper) boundPrices(ctx context.Context, before, after types.Params) error {
	for _, product := range after.Products {
		price, err := k.Prices.Get(ctx, product.Id)
		if errors.Is(err, collections.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		next := min(max(price.Price, product.Floor), product.Ceiling)
		if _, sold := before.Product(product.Id); !sold {
			next = product.InitialPrice
		}
		if next == price.Price {
			continue
		}
		if err := k.setPrice(ctx, price, next, price.Demand); err != nil {
			return err
		}
	}
	return nil
}
