package light

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func soldOrder(t *testing.T) markettypes.Order {
	t.Helper()
	return markettypes.Order{
		Id: digest("order"), Sha256: digest("sample"), Price: math.NewInt(1_000_000),
		Status: markettypes.ORDER_STATUS_DELIVERED, SealedKey: digest("sealed"), Split: markettypes.NoSplit(),
	}
}

func TestOrderIsProved(t *testing.T) {
	w := newWorld(t)
	got, err := w.newVerifier(t).Order(t.Context(), digest("order"), worldHeight)
	require.NoError(t, err)
	require.Equal(t, soldOrder(t), got)
	_, err = w.newVerifier(t).Order(t.Context(), digest("another"), worldHeight)
	require.ErrorAs(t, err, new(refuted))
}

// A server that makes a right key look wrong would cost the buyer its bond.
func TestForgedOrderIsRefused(t *testing.T) {
	w := newWorld(t)
	forged := soldOrder(t)
	forged.SealedKey = digest("something else")
	value, err := proto.Marshal(&forged)
	require.NoError(t, err)
	for name, tamper := range map[string]func(string, *abci.ResponseQuery){
		"another key": forge(markettypes.StoreKey, func(a *abci.ResponseQuery) { a.Value = value }),
		"no proof":    forge(markettypes.StoreKey, func(a *abci.ResponseQuery) { a.Value, a.ProofOps = value, nil }),
	} {
		t.Run(name, func(t *testing.T) {
			verifier, err := New(w.config(w.serve(t, tamper), w.serve(t, tamper)))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, verifier.Close()) })
			_, err = verifier.Order(t.Context(), digest("order"), worldHeight)
			require.ErrorAs(t, err, new(refuted))
		})
	}
}

// writeOrder puts an order into the state that the servers prove.
func (w *world) writeOrder(t *testing.T, order markettypes.Order) {
	t.Helper()
	key, err := collections.EncodeKeyWithPrefix(markettypes.OrdersPrefix, collections.BytesKey, order.Id)
	require.NoError(t, err)
	value, err := proto.Marshal(&order)
	require.NoError(t, err)
	w.store.GetKVStore(w.keys[markettypes.StoreKey]).Set(key, value)
}
