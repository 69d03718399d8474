package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func TestBuyAndDownload(t *testing.T) {
	n := newNode(t)
	a, b := n.Add(t, []byte("sample")), n.Add(t, []byte("other"))
	n.Deliver = func(order *markettypes.Order, sample *purchasetest.Sample) []byte {
		if n.Block < order.OrderedHeight+5 {
			return nil
		}
		return purchasetest.Right(order, sample)
	}
	code, stdout, stderr := n.run("buy", "--yes", "--accept", "--out", n.out, a.SHA256, strings.ToUpper(a.SHA256), b.SHA256)
	require.Zero(t, code, stderr)
	require.Len(t, strings.Split(strings.TrimSpace(stdout), "\n"), 2)
	path := filepath.Join(n.out, a.SHA256+".zip")
	require.Contains(t, stdout, a.SHA256+"  bought for 1 VMT  "+path+"\n")
	require.Contains(t, stderr, purchasetest.Operator()+" delivers the key of ")
	require.Contains(t, stderr, "virusmap: paid 2 VMT into escrow\n")
	require.FileExists(t, path)
	require.EqualValues(t, 2_000_000, n.Paid.Int64())

	for _, order := range n.Orders {
		require.Equal(t, n.buyer, order.Buyer)
		require.Equal(t, "ENDING_ACCEPTED", order.Ending.String())
	}
	clear(n.Orders) // the chain has forgotten
	code, stdout, stderr = n.run("--output", "json", "download", "--raw", "--out", n.out, a.SHA256)
	require.Zero(t, code, stderr)
	require.Equal(t, "opened", lines(t, stdout)[0]["status"])
	require.Contains(t, stderr, "--raw writes malware as it is")
	content, err := os.ReadFile(filepath.Join(n.out, a.SHA256))
	require.NoError(t, err)
	require.Equal(t, a.Plain, content)
	code, stdout, _ = n.run("--output", "json", "download", "--out", n.out, lines(t, stdout)[0]["order"].(string))
	require.Zero(t, code)
	require.Equal(t, path, lines(t, stdout)[0]["file"])
	code, _, stderr = n.run("download", sha256Of(nil))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "neither an order nor a sample that this account bought")
}

// What the only server says cannot be proved here, so that its word costs no bond.
func TestWrongKeyIsNotDisputedUnproved(t *testing.T) {
	n := newNode(t)
	sample := n.Add(t, []byte("sample"))
	n.Deliver = purchasetest.Wrong
	code, stdout, stderr := n.run("--output", "json", "buy", "--yes", "--out", n.out, sample.SHA256)
	require.Equal(t, 1, code, stderr)
	result := lines(t, stdout)[0]
	require.Contains(t, result["error"], "is not proved")
	order := result["order"].(string)
	code, stdout, stderr = n.run("--output", "json", "dispute", "--yes", order)
	require.Equal(t, 4, code, stderr)
	require.Contains(t, lines(t, stdout)[0]["error"], "1 VMT were refunded")
	code, _, stderr = n.run("dispute", "--yes", order)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "cannot be disputed: it is refunded")
}

func TestDisputeByHandWarns(t *testing.T) {
	n := newNode(t)
	sample := n.Add(t, []byte("sample"))
	code, stdout, stderr := n.run("--output", "json", "buy", "--yes", "--out", n.out, sample.SHA256)
	require.Zero(t, code, stderr)
	order := lines(t, stdout)[0]["order"].(string)
	code, _, stderr = n.run("dispute", order)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "The key of this order is RIGHT: a dispute would cost the bond of 1 VMT.")
	require.Contains(t, stderr, "not agreed to, so nothing was sent")
	code, _, stderr = n.run("dispute", "--yes", order)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "the chain found the key right (right_key): the bond is lost")
}

func TestWhatBuyingRefuses(t *testing.T) {
	n := newNode(t)
	sample := n.Add(t, []byte("sample"))
	blocked := n.Add(t, []byte("blocked"))
	blocked.Blocked = true
	for _, c := range []struct {
		arguments []string
		code      int
		told      string
	}{
		{[]string{"buy", "--yes", blocked.SHA256}, 1, "not for sale"},
		{[]string{"buy", "--yes", sha256Of(nil)}, 1, "the chain does not know this sample"},
		{[]string{"buy", "--yes", "--max-price", "0.5", sample.SHA256}, 1, "it costs 1 VMT, more than the 0.5 VMT that you allow"},
		{[]string{"buy", sample.SHA256}, 1, "Buy 1 sample for 1 VMT, plus the fee of the transaction? [y/N] "},
		{[]string{"buy", "--yes", "--out", "/dev/null/out", sample.SHA256}, 1, "nothing was paid: "},
		{[]string{"buy"}, 2, "name samples or a bundle to buy"},
		{[]string{"buy", "--resume", sample.SHA256}, 2, "name samples or a bundle to buy"},
		{[]string{"buy", "abcd"}, 2, `"abcd" is not a SHA-256 in hex`},
		{[]string{"buy", "-"}, 2, "hashes from stdin need --yes"},
		{[]string{"buy", "--bundle", "1"}, 2, "not the id of a bundle"},
		{[]string{"buy", "--max-price", "0.0000001", sample.SHA256}, 2, "not an amount of VMT"},
		{[]string{"buy", "--key", "", sample.SHA256}, 2, "no signing key: name one of 'vmtd keys list'"},
		{[]string{"buy", "--key", "nobody", sample.SHA256}, 1, "make a key with 'vmtd keys add NAME'"},
		{[]string{"buy", "--peer", "/ip4/127.0.0.1/tcp/1/p2p/x", sample.SHA256}, 2, "belong together"},
		{[]string{"dispute", "1"}, 2, "is not an order"},
	} {
		code, stdout, stderr := n.run(append(c.arguments, "--keyring-dir", n.keys)...)
		require.Equal(t, c.code, code, "%v %s", c.arguments, stderr)
		require.Contains(t, stdout+stderr, c.told, c.arguments)
	}
	require.Empty(t, n.Messages)

	n.refusal = sdkerrors.ErrInsufficientFunds.Wrap("spendable balance 5uvmt is smaller than 1000000uvmt")
	code, stdout, _ := n.run("buy", "--yes", "--out", n.out, sample.SHA256)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "account "+n.buyer+" has not enough VMT for the price and the fee")
	n.refusal = nil
	code, stdout, _ = n.run("buy", "--yes", "--resume", "--out", n.out)
	require.Zero(t, code)
	require.Contains(t, stdout, "bought")
}
