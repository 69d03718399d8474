package purchase

import (
	"context"
	"errors"
	"fmt"
	"time"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// maxRetention in seconds, which no parameter is above.
const maxRetention = 3650 * 24 * 60 * 60

// run takes all sales through all steps.
func (b *Buyer) run(ctx context.Context, sales []*sale, bundle string) error {
	if len(sales) == 0 {
		return nil
	}
	params, err := b.Chain.Params(ctx)
	if err != nil {
		return err
	}
	retention := time.Duration(min(params.OrderRetentionSeconds, maxRetention)) * time.Second
	whole := len(sales)
	sales, err = b.each(ctx, sales, func(ctx context.Context, s *sale) error { return b.prepare(ctx, s, retention) })
	if err != nil {
		return err
	}
	if bundle != "" && len(sales) < whole && anyUnpaid(sales) {
		return errors.New("not all samples of the bundle can be bought; order those you want without --bundle")
	}
	if err := b.agree(ctx, sales, bundle); err != nil {
		return err
	}
	size := max(1, int(params.MaxOrdersPerMsg))
	for begin := 0; begin < len(sales); begin += size {
		if err := b.batch(ctx, sales[begin:min(begin+size, len(sales))], bundle); err != nil {
			return err
		}
	}
	return nil
}

// batch goes through one transaction's worth of sales.
func (b *Buyer) batch(ctx context.Context, sales []*sale, bundle string) error {
	whole := len(sales)
	sales, err := b.each(ctx, sales, b.fetch)
	if err != nil {
		return err
	}
	if bundle != "" && len(sales) < whole && anyUnpaid(sales) {
		return errors.New("not all samples of the bundle can be fetched; nothing was paid")
	}
	if sales, err = b.pay(ctx, sales, bundle); err != nil {
		return err
	}
	accepted, err := b.await(ctx, sales)
	if err != nil {
		return err
	}
	return b.accept(ctx, accepted)
}

func anyUnpaid(sales []*sale) bool {
	for _, s := range sales {
		if s.unpaid() {
			return true
		}
	}
	return false
}

// each keeps the sales that a step succeeds for. Others are told; only an end of ctx stops.
func (b *Buyer) each(ctx context.Context, sales []*sale, step func(context.Context, *sale) error) ([]*sale, error) {
	var kept []*sale
	for _, s := range sales {
		err := step(ctx, s)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			b.fail(s, err)
			continue
		}
		kept = append(kept, s)
	}
	return kept, nil
}

// prepare asks the chain what it knows of a sale, and what it costs when it is not paid.
// Orders are forgotten at their retention after their end.
func (b *Buyer) prepare(ctx context.Context, s *sale, retention time.Duration) error {
	if s.State == Sent {
		err := b.look(ctx, s)
		switch {
		case err != nil && !errors.Is(err, ErrUnknown):
			return err
		case err != nil && time.Since(s.Created) > retention:
			return fmt.Errorf("it may have been paid for as order %s, which the chain would not remember; remove %s to buy it anew",
				s.Order, b.Journal.path(s.Record, recordSuffix))
		}
	}
	if !s.unpaid() {
		return nil
	}
	quote, err := b.Chain.Quote(ctx, s.SHA256)
	if errors.Is(err, ErrUnknown) {
		return errors.New("the chain does not know this sample")
	}
	if err != nil {
		return err
	}
	limit := b.limit(s, quote)
	if quote.Price > limit {
		return fmt.Errorf("it costs %s, more than the %s that you allow", VMT(quote.Price), VMT(limit))
	}
	s.Product, s.Price, s.MaxPrice, s.Size = quote.Product, quote.Price, limit, quote.SizeBytes
	return b.seal(s, quote.Sealing)
}

// limit is what one sample may cost.
func (b *Buyer) limit(s *sale, quote markettypes.QueryQuoteResponse) uint64 {
	switch {
	case b.MaxPrice > 0:
		return b.MaxPrice
	case s.MaxPrice > 0:
		return s.MaxPrice
	default:
		return quote.Price
	}
}
