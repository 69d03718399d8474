package purchase

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// pollInterval is how often the height is asked for; orders are asked for once per block.
const pollInterval = 500 * time.Millisecond

// await takes each sale to its end as soon as its key is there. It returns those whose
// dispute window is open and not needed.
func (b *Buyer) await(ctx context.Context, sales []*sale) (accepted []*sale, err error) {
	var last int64
	for len(sales) > 0 {
		height, err := b.Chain.Height(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			b.wait("the node does not answer (%s), asking again", err)
		case height > last || last == 0:
			last = height
			var open []*sale
			for _, s := range sales {
				still, settle, err := b.progress(ctx, s, height)
				if ctx.Err() != nil {
					return nil, context.Cause(ctx)
				}
				if err != nil {
					b.fail(s, err)
				}
				if still {
					open = append(open, s)
				}
				if settle {
					accepted = append(accepted, s)
				}
			}
			sales = open
		}
		if len(sales) == 0 {
			break
		}
		if err := b.pause(ctx); err != nil {
			return nil, err
		}
	}
	return accepted, nil
}

func (b *Buyer) pause(ctx context.Context) error { return sleep(ctx, cmp.Or(b.interval, pollInterval)) }

// progress looks at one sale; still tells that there is something to wait for, settle that
// its dispute window could be ended.
func (b *Buyer) progress(ctx context.Context, s *sale, height int64) (still, settle bool, err error) {
	if s.State == Delivered || s.State == Done {
		err := b.open(ctx, s)
		return false, false, err
	}
	order, err := b.Chain.Order(ctx, s.Order)
	switch {
	case errors.Is(err, ErrUnknown) && !s.ordered:
		return false, false, errors.New("the chain does not know the order any more, and its key was never fetched")
	case err != nil:
		b.wait("order %s: %s, asking again", s.Order, err)
		return true, false, nil
	}
	if err := b.adopt(s, order); err != nil {
		return false, false, err
	}
	switch order.Status {
	case markettypes.ORDER_STATUS_OPEN:
		b.wait("%s delivers the key of %s; %d blocks left", order.Operator, s.SHA256, order.DueHeight-height)
		return true, false, nil
	case markettypes.ORDER_STATUS_WRONG:
		return true, false, nil // ends with the block
	case markettypes.ORDER_STATUS_REFUNDED:
		return false, false, b.refunded(s, order)
	default:
		s.SealedKey = order.SealedKey
		if err := b.advance(s, Delivered); err != nil {
			return false, false, err
		}
		err := b.open(ctx, s)
		return false, err == nil && s.State == Done && order.Status == markettypes.ORDER_STATUS_DELIVERED, err
	}
}

// refunded ends a purchase whose price came back.
func (b *Buyer) refunded(s *sale, order markettypes.Order) error {
	s.Ending = EndingName(order.Ending)
	if err := b.advance(s, Refunded); err != nil {
		return err
	}
	result := Result{
		SHA256: s.SHA256, Order: s.Order, Status: Returned, Product: s.Product, Price: s.Price, Operator: order.Operator,
		Error: fmt.Sprintf("%s were refunded: %s", VMT(s.Price), reason(order)),
	}
	if order.Ending == markettypes.ENDING_WRONG_KEY {
		result.Status = WrongKey
	}
	b.Result(result)
	return b.Journal.dropCiphertext(s.Record)
}

func reason(order markettypes.Order) string {
	switch order.Ending {
	case markettypes.ENDING_NOT_DELIVERED:
		return fmt.Sprintf("no key was delivered in time, for which %s is slashed; order again for another deliverer", order.Operator)
	case markettypes.ENDING_BLOCKED:
		return "the sample was taken down"
	case markettypes.ENDING_WRONG_KEY:
		return fmt.Sprintf("the key that %s delivered is wrong, for which it is slashed", order.Operator)
	default:
		return EndingName(order.Ending)
	}
}

// EndingName is the name without its prefix, such as not_delivered.
func EndingName(ending markettypes.Ending) string {
	return strings.ToLower(strings.TrimPrefix(ending.String(), "ENDING_"))
}

// accept ends the dispute windows. That it fails costs nobody anything: they end anyway.
func (b *Buyer) accept(ctx context.Context, sales []*sale) error {
	if !b.Accept || len(sales) == 0 {
		return nil
	}
	msg := &markettypes.MsgSettleOrders{Signer: b.Chain.Buyer().String()}
	for _, s := range sales {
		msg.Orders = append(msg.Orders, s.id())
	}
	if _, err := b.Chain.Send(ctx, sdk.Msg(msg)); err != nil {
		b.tell("the orders were not accepted, they settle at the end of their dispute windows: %s", err)
	}
	return ctx.Err()
}
