package system

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/network"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// cheatSettings let a seller that was slashed deliver again soon.
var cheatSettings = map[string]any{
	"app_state.epochs.epochs.0.duration":              "20s",
	"app_state.market.params.delivery_window_blocks":  12,
	"app_state.market.params.fallback_blocks":         6,
	"app_state.market.params.dispute_window_blocks":   20,
	"app_state.market.params.price_step_ppm":          1000,
	"app_state.supernode.params.min_self_bond.amount": "1000000000",
}

// Whatever a dishonest seller sends, the buyer gets its money back without doing anything,
// and the seller loses two percent of its bond.
func TestMarketSellersThatCheat(t *testing.T) {
	w := ownWorld(t, "market-cheats", setup{supernodes: 1, genesis: cheatSettings})
	seller := w.Supernodes[0]
	hashes := w.submitted(t, 5, "")
	w.switchBroker(t, seller, false)
	for i, cheat := range []struct {
		name   string
		sealed func(order markettypes.Order) []byte // nil sends nothing
		ending markettypes.Ending
		code   int
	}{
		{"wrong_key", func(order markettypes.Order) []byte {
			return seal(t, order, order.OneTimeKey, randomBytes(t, markettypes.FileKeySize))
		}, markettypes.ENDING_WRONG_KEY, exitDisputed},
		{"garbled_key", func(markettypes.Order) []byte { return randomBytes(t, markettypes.SealedKeySize) }, markettypes.ENDING_WRONG_KEY, exitDisputed},
		{"anothers_key", func(order markettypes.Order) []byte {
			_, another, err := markettypes.NewOneTimeKey()
			require.NoError(t, err)
			return seal(t, order, another, randomBytes(t, markettypes.FileKeySize))
		}, markettypes.ENDING_WRONG_KEY, exitDisputed},
		{"no_key", nil, markettypes.ENDING_NOT_DELIVERED, exitRefused},
	} {
		t.Run(cheat.name, func(t *testing.T) {
			buyer := w.newVendor(t, cheat.name, 10*samplePrice, seller)
			bond := w.bond(t, seller)
			out := t.TempDir()
			bought := make(chan printed)
			go func() { bought <- run(t, buyer.command(t.Context(), "buy", "--yes", "--out", out, hashes[i])) }()
			order := w.openOrder(t)
			if cheat.sealed != nil {
				w.deliver(t, seller, order, cheat.sealed(order))
			}
			p := <-bought
			require.Equal(t, cheat.code, p.code, "%s%s", p.stdout, p.stderr)

			orders := w.ended(t, buyer)
			require.Len(t, orders, 1)
			require.Equal(t, markettypes.ORDER_STATUS_REFUNDED, orders[0].Status)
			require.Equal(t, cheat.ending, orders[0].Ending)
			w.requireEscrowsEmpty(t, orders)
			price := orders[0].Price.Int64()
			fees := 10*samplePrice - w.balance(t.Context(), buyer.Address)
			require.Less(t, fees, price/2, "only the fees of transactions are gone")
			slashed := bond - w.bond(t, seller)
			require.Equal(t, bond/50, slashed)
			marketFigure(cheat.name+"_refunded_uvmt", price)
			marketFigure(cheat.name+"_slashed_uvmt", slashed)
			epoch := w.currentEpoch(t)
			until(t, "an epoch in which the seller may deliver", func(context.Context) bool { return w.currentEpoch(t) > epoch })
		})
	}

	w.switchBroker(t, seller, true)
	t.Run("right_key_disputed", func(t *testing.T) { w.requireBondLost(t, seller, hashes[4]) })
	w.requireHealthy(t)
}

// requireBondLost has a buyer dispute a key that is right.
func (w *world) requireBondLost(t *testing.T, seller *network.Supernode, hash string) {
	t.Helper()
	buyer := w.newVendor(t, "quarreller", 10*samplePrice, seller)
	out, bond := t.TempDir(), w.bond(t, seller)
	p := buyer.virusmap(t, "buy", "--yes", "--out", out, hash)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	requireOpened(t, out, []string{hash})
	order := w.orders(t, buyer)[0]
	before := w.balance(t.Context(), buyer.Address)
	p = buyer.virusmap(t, "dispute", hexOf(order.Id), "--yes")
	require.NotZero(t, p.code, "%s%s", p.stdout, p.stderr)
	orders := w.ended(t, buyer)
	require.Equal(t, markettypes.ORDER_STATUS_SETTLED, orders[0].Status)
	require.Equal(t, markettypes.ENDING_RIGHT_KEY, orders[0].Ending)
	require.Equal(t, bond, w.bond(t, seller))
	lost := before - w.balance(t.Context(), buyer.Address)
	require.GreaterOrEqual(t, lost, int64(1_000_000))
	marketFigure("right_key_disputed_lost_uvmt", lost)
	w.requireEscrowsEmpty(t, orders)
}

// switchBroker has a supernode sell, or leave that to whoever holds its keys.
func (w *world) switchBroker(t *testing.T, supernode *network.Supernode, on bool) {
	t.Helper()
	supernode.Stop()
	require.NoError(t, editConfig(supernode.Home, func(config map[string]any) {
		config["roles"].(map[string]any)["broker"] = on
	}))
	restart(t, supernode)
}

// deliver delivers with the chain's command line, as a supernode with other software would.
func (w *world) deliver(t *testing.T, seller *network.Supernode, order markettypes.Order, sealed []byte) {
	t.Helper()
	keys, err := json.Marshal(map[string]string{
		"order": base64.StdEncoding.EncodeToString(order.Id), "sealed": base64.StdEncoding.EncodeToString(sealed),
	})
	require.NoError(t, err)
	vmtd := exec.CommandContext(t.Context(), filepath.Join(programs, "vmtd"), "tx", "market", "deliver-keys", seller.Operator,
		"--keys", string(keys), "--from", "sidecar", "--home", seller.Home, "--keyring-backend", "test",
		"--chain-id", chainID, "--node", w.Validators[0].RPC, "--gas", "auto", "--gas-adjustment", "1.5",
		"--gas-prices", "0.025uvmt", "--yes", "--output", "json")
	p := run(t, vmtd)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	var sent struct {
		Code uint32 `json:"code"`
		Log  string `json:"raw_log"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.stdout), &sent), p.stdout)
	require.Zero(t, sent.Code, sent.Log)
}

// bond is what the operator has at stake, in uvmt.
func (w *world) bond(t *testing.T, supernode *network.Supernode) int64 {
	t.Helper()
	return w.supernode(t, supernode).SelfBond.Int64()
}

func seal(t *testing.T, order markettypes.Order, oneTimeKey, fileKey []byte) []byte {
	t.Helper()
	sealed, err := markettypes.SealFileKey(oneTimeKey, markettypes.ExchangeInfo(chainID, order.Id), fileKey)
	require.NoError(t, err)
	return sealed
}

func randomBytes(t *testing.T, size int) []byte {
	t.Helper()
	b := make([]byte, size)
	_, err := rand.Read(b)
	require.NoError(t, err)
	return b
}
