package system

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const samplePrice = 1_000_000

// tradeSettings keep the epoch of a purchase from ending, so that nothing but sales is paid.
var tradeSettings = map[string]any{
	"app_state.epochs.epochs.0.duration":             "900s",
	"app_state.market.params.delivery_window_blocks": 40,
	"app_state.market.params.fallback_blocks":        20,
	"app_state.market.params.dispute_window_blocks":  10,
}

// A vendor buys ten samples that somebody else brought, through another supernode than
// they came in by, and everybody gets exactly their part.
func TestMarketVendorBuysTen(t *testing.T) {
	w := ownWorld(t, "market", setup{supernodes: 3, genesis: tradeSettings})
	finder, err := w.NewWallet(t.Context(), "finder")
	require.NoError(t, err)
	hashes := w.submitted(t, 10, finder.Address)
	buyer := w.newVendor(t, "vendor", 100*samplePrice, w.Supernodes[1])
	before := w.holdings(t, finder.Address)
	supply := w.supply(t)

	out := filepath.Join(t.TempDir(), "bought")
	began := time.Now()
	p := buyer.virusmap(t, append([]string{"buy", "--yes", "--out", out, "--max-price", "1"}, hashes...)...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	marketFigure("buy_ten_seconds", time.Since(began).Seconds())
	requireOpened(t, out, hashes)

	orders := w.ended(t, buyer)
	require.Len(t, orders, 10)
	sellers := map[string]bool{}
	for _, order := range orders {
		require.Equal(t, markettypes.ORDER_STATUS_SETTLED, order.Status)
		require.EqualValues(t, samplePrice, order.Split.Sum().Int64(), "the parts are the price")
		sellers[order.Operator] = true
	}
	marketFigure("sellers", len(sellers))
	total, price := totalSplit(orders)
	require.EqualValues(t, 10*samplePrice, price.Int64())
	after := w.holdings(t, finder.Address)
	require.EqualValues(t, 4_000_000, after.contributor-before.contributor)
	require.Equal(t, total.Engines.Add(total.Deliverer).Add(total.Storage).Int64(), after.operators-before.operators)
	require.Equal(t, total.Burned.Int64(), supply.Sub(w.supply(t)).Int64())
	w.requireEscrowsEmpty(t, orders)
	for name, value := range map[string]any{
		"contributor_uvmt": total.Contributor, "engines_uvmt": total.Engines, "deliverer_uvmt": total.Deliverer,
		"storage_uvmt": total.Storage, "burned_uvmt": total.Burned, "paid_uvmt": price,
	} {
		marketFigure("buy_ten_"+name, value)
	}

	t.Run("history and invoice", func(t *testing.T) { requirePaperwork(t, buyer, orders) })
	t.Run("opened again", func(t *testing.T) {
		again := t.TempDir()
		p := buyer.virusmap(t, append([]string{"download", "--out", again}, hashes...)...)
		require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
		requireOpened(t, again, hashes)
		require.Len(t, w.orders(t, buyer), 10, "and not paid again")
	})
	t.Run("no money", func(t *testing.T) {
		poor := w.newVendor(t, "poor", 100_000, w.Supernodes[1]) // enough for fees
		p := poor.virusmap(t, "buy", "--yes", "--out", t.TempDir(), hashes[0])
		require.NotZero(t, p.code)
		require.Contains(t, p.stdout+p.stderr, "insufficient funds")
		require.Empty(t, w.orders(t, poor))
	})
	t.Run("the price is too high", func(t *testing.T) {
		p := buyer.virusmap(t, "buy", "--yes", "--out", t.TempDir(), "--max-price", "0.5", w.submitted(t, 1, "")[0])
		require.NotZero(t, p.code)
		require.Len(t, w.orders(t, buyer), 10)
	})
	w.requireHealthy(t)
}

// holdings are what the people of a sale have, in uvmt.
type holdings struct{ contributor, operators int64 }

func (w *world) holdings(t *testing.T, contributor string) holdings {
	t.Helper()
	found := holdings{contributor: w.balance(t.Context(), contributor)}
	for _, supernode := range w.Supernodes {
		operator, err := markettypes.ParseAddress("operator", supernode.Operator)
		require.NoError(t, err)
		found.operators += w.balance(t.Context(), supernodetypes.RewardsAddress(operator).String())
	}
	return found
}

// requirePaperwork asserts that what the vendor paid is told to it in full.
func requirePaperwork(t *testing.T, buyer vendor, orders []markettypes.Order) {
	t.Helper()
	p := buyer.virusmap(t, "orders")
	require.Zero(t, p.code, p.stderr)
	require.Len(t, lines[map[string]any](t, p.stdout), len(orders))

	page := filepath.Join(t.TempDir(), "invoice.html")
	args := []string{"invoice", "--html", page}
	for _, order := range orders {
		args = append(args, hexOf(order.Id))
	}
	p = buyer.virusmap(t, args...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	require.True(t, json.Valid([]byte(p.stdout)), p.stdout)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, order := range orders {
		require.Contains(t, string(html), hexOf(order.Sha256))
	}
}

// A seller that is killed while it has orders delivers them when it is back, and when it
// stays away another one does.
func TestMarketSellerAway(t *testing.T) {
	w := ownWorld(t, "market-away", setup{supernodes: 2, genesis: tradeSettings})
	hashes := w.submitted(t, 6, "")
	buyer := w.newVendor(t, "vendor", 100*samplePrice, w.Supernodes[0])
	crash(t, w.Supernodes[1])
	out := t.TempDir()
	p := buyer.virusmap(t, append([]string{"buy", "--yes", "--out", out}, hashes...)...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	requireOpened(t, out, hashes)
	orders := w.ended(t, buyer)
	for _, order := range orders {
		require.Equal(t, markettypes.ORDER_STATUS_SETTLED, order.Status)
		require.Equal(t, w.Supernodes[0].Operator, order.Operator)
	}
	w.requireEscrowsEmpty(t, orders)
	restart(t, w.Supernodes[1])
	w.requireHealthy(t)
}

// openOrder waits for an order that waits for its key.
func (w *world) openOrder(t *testing.T) (order markettypes.Order) {
	t.Helper()
	until(t, "an open order", func(ctx context.Context) bool {
		found, err := w.chain.Market().Deliveries(ctx, &markettypes.QueryDeliveriesRequest{})
		if err != nil || len(found.Orders) == 0 {
			return false
		}
		order = found.Orders[0]
		return true
	})
	return order
}
