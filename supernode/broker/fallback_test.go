package broker

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func TestOrdersThatOthersMissedAreDelivered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 4)
	orders := f.orders(9, f.operators[0], window{fallback: 40, due: 100_000})
	for _, operator := range f.operators[1:] {
		f.start(operator)
	}
	f.ticking()
	f.eventually("all", func() bool { return f.delivered(orders...) })
	f.requireRight(orders...)
	f.ledger.edit(func(l *ledger) {
		for _, msg := range l.messages {
			require.NotEqual(t, f.operators[0].String(), msg.Operator)
		}
	})
}

// A key that is sent before the fallback height would be passed over.
func TestOrdersOfOthersAreNotSentEarly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	orders := f.orders(5, f.operators[0], window{fallback: 60, due: 100_000})
	f.start(f.operators[1])
	f.ticking()
	f.eventually("all", func() bool { return f.delivered(orders...) })
	f.requireOnce(orders...)
}

func TestSupernodesTakeTurns(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5)
	order := f.newOrder(f.operators[2], window{fallback: 100, due: 400})
	turns := func(order markettypes.Order) (turns []int64) {
		for i, operator := range f.operators {
			if i != 2 {
				b := f.broker(operator, f.deps(operator))
				turns = append(turns, b.turn(terms{attesters: f.operators}, order)-order.FallbackHeight)
			}
		}
		slices.Sort(turns)
		return turns
	}
	require.Equal(t, []int64{0, fallbackEvery, 2 * fallbackEvery, 3 * fallbackEvery}, turns(order))
	order.DueHeight = order.FallbackHeight + 10
	require.Equal(t, []int64{0, 3, 5, 5}, turns(order), "all have time left")
	order.DueHeight = order.FallbackHeight
	require.Equal(t, []int64{0, 0, 0, 0}, turns(order))
}

func TestAnotherThatIsFasterIsNoFailure(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	order := f.orders(1, f.operators[0], wide)[0]
	f.ledger.edit(func(l *ledger) {
		l.refuse = func(*markettypes.MsgDeliverKeys) error {
			l.orders[string(order.Id)].Status = markettypes.ORDER_STATUS_DELIVERED // in the same block, before
			return nil
		}
	})
	b, _ := f.start(f.operators[0])
	f.eventually("it is told", func() bool { return b.metric("skipped_total", "taken") == 1 })
	require.Zero(t, b.metric("failures_total"))
	require.Zero(t, b.metric("delivered_total"))
}
