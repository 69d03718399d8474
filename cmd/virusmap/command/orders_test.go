package command

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

var golden = flag.Bool("golden", false, "write the golden files anew")

// history is a node with one order of each kind, of 2030: settled, refunded and open, and
// one of the month before.
func history(t *testing.T) (n *node, buyer string) {
	t.Helper()
	n, buyer = newNode(t), account(t)
	day := time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC).Unix()
	add := func(number byte, ordered int64, status markettypes.OrderStatus, ending markettypes.Ending) {
		id := make([]byte, 32)
		id[0] = number
		order := &markettypes.Order{
			Id: id, Buyer: buyer, Sha256: id, Product: "sample/small", Price: math.NewInt(1_500_001), Rates: n.Params.Rates,
			Contributor: buyer, Operator: purchasetest.Operator(), OrderedHeight: int64(number) * 100, OrderedTime: ordered,
			Status: status, Ending: ending, Split: markettypes.NoSplit(),
		}
		if ending != markettypes.ENDING_UNSPECIFIED {
			order.EndedTime = ordered + 1800
		}
		if status == markettypes.ORDER_STATUS_SETTLED {
			order.Split = order.Rates.Divide(order.Price)
		}
		n.Orders[hex.EncodeToString(id)] = order
	}
	add(1, day-31*24*60*60, markettypes.ORDER_STATUS_SETTLED, markettypes.ENDING_UNDISPUTED)
	add(2, day, markettypes.ORDER_STATUS_SETTLED, markettypes.ENDING_ACCEPTED)
	add(3, day+1, markettypes.ORDER_STATUS_REFUNDED, markettypes.ENDING_NOT_DELIVERED)
	add(4, day+2, markettypes.ORDER_STATUS_OPEN, markettypes.ENDING_UNSPECIFIED)
	return n, buyer
}

func TestOrders(t *testing.T) {
	n, buyer := history(t)
	code, stdout, stderr := n.run("--output", "json", "orders", "--account", buyer)
	require.Zero(t, code, stderr)
	found := lines(t, stdout)
	require.Len(t, found, 4)
	require.Equal(t, "open", found[0]["status"])
	require.Equal(t, "not_delivered", found[1]["ending"])
	require.Equal(t, map[string]any{
		"contributor": "600000", "engines": "375000", "deliverer": "225000", "storage": "150000", "burned": "150001",
	}, found[2]["split"])
	require.NotContains(t, found[1], "split")
	code, stdout, _ = n.run("orders", "--all", "--account", buyer)
	require.Zero(t, code)
	require.Contains(t, stdout, "2030-01-31T12:00:01Z  sample/small  1.500001  refunded (not_delivered)  03000")
	code, stdout, _ = n.run("orders")
	require.Zero(t, code)
	require.Equal(t, "No order.\n", stdout)
	code, _, stderr = n.run("orders", "--key", "")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "whose?")
}

func TestInvoice(t *testing.T) {
	n, buyer := history(t)
	page := filepath.Join(t.TempDir(), "invoice.html")
	code, stdout, stderr := n.run("invoice", "--account", buyer, "--month", "2030-01", "--html", page)
	require.Zero(t, code, stderr)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	code, document, stderr := n.run("--output", "json", "invoice", "--account", buyer, "--month", "2030-01")
	require.Zero(t, code, stderr)
	for name, got := range map[string]string{"invoice.txt": stdout, "invoice.html": string(html), "invoice.json": document} {
		path := filepath.Join("testdata", name)
		if *golden {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, name)
	}

	code, stdout, stderr = n.run("--output", "json", "invoice", "01"+strings.Repeat("00", 31))
	require.Zero(t, code, stderr)
	require.Equal(t, "1.500001", lines(t, stdout)[0]["totals"].(map[string]any)["settled"])
	for _, c := range []struct {
		arguments []string
		code      int
		told      string
	}{
		{[]string{}, 2, "name orders, or a --month"},
		{[]string{"--month", "January"}, 2, "is not like 2030-01"},
		{[]string{"1"}, 2, "is not an order"},
		{[]string{strings.Repeat("9", 64)}, 1, "the chain has no order"},
	} {
		code, _, stderr = n.run(append([]string{"invoice"}, c.arguments...)...)
		require.Equal(t, c.code, code)
		require.Contains(t, stderr, c.told)
	}
}

// What a server tells cannot get a script into the page.
func TestInvoiceIsEscaped(t *testing.T) {
	n, buyer := history(t)
	for _, order := range n.Orders {
		order.Product = "<script>alert(1)</script>"
	}
	page := filepath.Join(t.TempDir(), "invoice.html")
	code, _, stderr := n.run("invoice", "--account", buyer, "--month", "2030-01", "--html", page)
	require.Zero(t, code, stderr)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	require.NotContains(t, string(html), "<script>")
}
