package purchase_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// Killed after any step, a purchase goes on where it was: it is paid for once, and what
// was paid for is opened. Killed again, the same holds.
func TestKilledAtEveryStep(t *testing.T) {
	whole := newShop(t)
	sample := whole.market.Add(t, []byte("sample"))
	require.NoError(t, whole.buy(sample.SHA256))
	steps := whole.steps
	require.Equal(t, []string{"recorded", "fetched", "sent", "broadcast", "paid", "known", "delivered", "written", "done"}, steps)
	for first := range steps {
		for second := range steps {
			t.Run(steps[first]+" "+steps[second], func(t *testing.T) {
				again := (*shop).resume
				if (first+second)%2 == 0 {
					again = func(s *shop) error { return s.buy(sample.SHA256) }
				}
				s := newShop(t)
				s.market.Samples = whole.market.Samples
				s.crashAt = first
				require.NoError(t, s.buy(sample.SHA256))
				require.Len(t, s.records(), 1)
				order := s.records()[0].Order
				s.crashAt = second
				require.NoError(t, again(s))
				s.crashAt = -1
				require.NoError(t, again(s))
				s.requireSold(sample)
				require.Equal(t, order, s.records()[0].Order)
				require.EqualValues(t, 1_000_000, s.paid())
				require.Len(t, s.market.Orders, 1)
			})
		}
	}
}

// A wrong key, and one that does not open at all, are disputed at once; killed on the way,
// the refund is told by the next run.
// A server that lies about a key, or about what it should be, costs nobody the bond.
func TestLiesAreNotDisputed(t *testing.T) {
	for name, lie := range map[string]func(*markettypes.Order){
		"the key":        func(o *markettypes.Order) { o.SealedKey = bytes.Repeat([]byte{1}, markettypes.SealedKeySize) },
		"the commitment": func(o *markettypes.Order) { o.Sealing.KeyCommitment = bytes.Repeat([]byte{1}, 32) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			sample := s.market.Add(t, []byte("sample"))
			s.market.Lie = func(o *markettypes.Order) {
				if o.Status == markettypes.ORDER_STATUS_DELIVERED {
					lie(o)
				}
			}
			require.NoError(t, s.buy(sample.SHA256))
			require.NotContains(t, s.steps, "disputed")
			require.Equal(t, purchase.Bought, s.result().Status, s.result().Error)
			s.requireSold(sample)
		})
	}
}

func TestWrongKeyIsDisputed(t *testing.T) {
	for name, deliver := range map[string]func(*markettypes.Order, *purchasetest.Sample) []byte{"wrong": purchasetest.Wrong, "garbled": purchasetest.Garbled} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			sample := s.market.Add(t, []byte("sample"))
			s.market.Deliver = deliver
			require.NoError(t, s.buy(sample.SHA256))
			require.Equal(t, purchase.WrongKey, s.result().Status)
			require.Contains(t, s.result().Error, "1 VMT were refunded: the key that "+purchasetest.Operator()+" delivered is wrong")
			require.NoFileExists(t, filepath.Join(s.out, sample.SHA256+".zip"))
			require.Equal(t, purchase.Refunded, s.records()[0].State)
			require.Len(t, entries(t, s.home), 2)
			steps := s.steps
			require.Contains(t, steps, "disputed")

			for i := range steps {
				s := newShop(t)
				s.market.Samples, s.market.Deliver = map[string]*purchasetest.Sample{sample.SHA256: sample}, deliver
				s.crashAt = i
				require.NoError(t, s.buy(sample.SHA256))
				s.crashAt = -1
				require.NoError(t, s.resume())
				if i < len(steps)-1 {
					require.Equal(t, purchase.WrongKey, s.result().Status, steps[i])
				}
				require.EqualValues(t, 1_000_000, s.paid())
			}

			// Ordered again it is another order.
			s.market.Deliver = purchasetest.Right
			require.NoError(t, s.buy(sample.SHA256))
			require.Equal(t, purchase.Bought, s.result().Status)
			require.Len(t, s.market.Orders, 2)
		})
	}
}
