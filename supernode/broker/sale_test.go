package broker

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// TestSaleOnTheRealChain has a sample judged, bought, delivered and opened.
func TestSaleOnTheRealChain(t *testing.T) {
	for name, c := range map[string]struct {
		assigned bool
		blocks   int
	}{
		"by the supernode that is assigned": {true, 1},
		"by another, when that one is down": {false, int(markettypes.DefaultParams().FallbackBlocks) + 2*fallbackEvery + 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRealChain(t)
			content := "what is sold " + name
			hash := r.sold(content)
			id, secret := r.order(hash)
			order, err := r.chain.App.MarketKeeper.Orders.Get(r.chain.Context(), id)
			require.NoError(t, err)
			var brokers []*Broker
			for _, node := range r.chain.Supernodes {
				if (node.Operator.Address.String() == order.Operator) == c.assigned {
					brokers = append(brokers, r.start(node))
				}
			}
			for range c.blocks {
				r.mu.Lock()
				r.block()
				r.mu.Unlock()
			}
			require.Eventually(t, func() bool {
				for _, b := range brokers {
					if b.metric("delivered_total") == 1 {
						return true
					}
				}
				return false
			}, patience, 10*time.Millisecond)
			r.mu.Lock()
			defer r.mu.Unlock()
			got, err := r.chain.App.MarketKeeper.Orders.Get(r.chain.Context(), id)
			require.NoError(t, err)
			require.Equal(t, markettypes.ORDER_STATUS_DELIVERED, got.Status)
			require.Equal(t, c.assigned, got.Operator == order.Operator)
			key, err := markettypes.OpenFileKey(secret, markettypes.ExchangeInfo(chaintest.ChainID, id), got.SealedKey)
			require.NoError(t, err)
			require.True(t, bytes.Equal([]byte(content), r.open(order, key)))
		})
	}
}

// open decrypts the ciphertext of an order as its buyer does.
func (r *realChain) open(order markettypes.Order, key []byte) []byte {
	r.t.Helper()
	id, err := cid.Cast(order.Sealing.Cid)
	require.NoError(r.t, err)
	plain, err := r.vault.Unseal(context.Background(), id, age.NewInjectedFileKeyIdentity(key))
	require.NoError(r.t, err)
	defer plain.Close()
	data, err := io.ReadAll(plain)
	require.NoError(r.t, err)
	return data
}
