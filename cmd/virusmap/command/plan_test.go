package command

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func TestPrices(t *testing.T) {
	n := newNode(t)
	code, stdout, stderr := n.run("prices")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "PRODUCT            VMT    FOR             DEMAND  TARGET  ON ORDER  ESCROWED\n")
	require.Contains(t, stdout, "sample/small       1.25   up to 1 MiB     3       1000    2         0")
	code, stdout, _ = n.run("--output", "json", "prices")
	require.Zero(t, code)
	require.Len(t, lines(t, stdout), len(markettypes.DefaultProducts()))
	code, stdout, _ = n.run("plan", "list")
	require.Zero(t, code)
	require.NotContains(t, stdout, "sample/small")
	require.Contains(t, stdout, "plan/professional  500    30 days  10000 lookups a day; a month: 1000 searches, 5 retrohunts, 25 rule jobs; 25 livehunt rules; retrohunts look back 90 days\n")
}

func TestPlan(t *testing.T) {
	n := newNode(t)
	code, stdout, stderr := n.run("plan", "buy", "professional", "--periods", "3", "--yes")
	require.Zero(t, code, stderr)
	require.Equal(t, "3 periods of plan/professional for 500 VMT each; make a key with 'virusmap plan key'\n", stdout)
	sent, ok := n.Messages[0].(*markettypes.MsgSubscribe)
	require.True(t, ok)
	require.Equal(t, "plan/professional 3 500000000uvmt "+n.buyer, sent.Product+" 3 "+sent.MaxPrice.String()+" "+sent.Buyer)
	code, stdout, _ = n.run("--output", "json", "plan", "cancel", "plan/professional", "--yes")
	require.Zero(t, code)
	require.Equal(t, "200000000", lines(t, stdout)[0]["refund"])
	code, _, stderr = n.run("plan", "revoke", "--yes")
	require.Zero(t, code, stderr)
	require.Len(t, n.Messages, 3)

	code, stdout, _ = n.run("plan", "show")
	require.Zero(t, code)
	require.Equal(t, "No subscription.\n\nAPI keys that were authorised until 2030-03-17T17:46:40Z are void.\n", stdout)
	n.subscriptions = []markettypes.Subscription{{
		Product: "feed/urls", Price: math.NewInt(100_000_000), PeriodsLeft: 2, DueTime: 1_900_000_000, Kind: markettypes.PRODUCT_KIND_FEED, Feed: "urls",
	}}
	code, stdout, _ = n.run("plan", "show")
	require.Zero(t, code)
	require.Contains(t, stdout, "feed/urls  2030-03-17T17:46:40Z  2             100       the feed urls\n")

	for _, c := range []struct {
		arguments []string
		code      int
		told      string
	}{
		{[]string{"buy", "golden"}, 2, "there is no plan \"golden\"; there are feed/files, "},
		{[]string{"buy", "sample/small"}, 2, "there is no plan"},
		{[]string{"buy", "basic", "--periods", "0"}, 2, "want at least 1"},
		{[]string{"buy", "basic", "--max-price", "99"}, 1, "costs 100 VMT, more than the 99 VMT"},
		{[]string{"buy", "basic", "--periods", "2"}, 1, "Pay 200 VMT for 2 periods of 30 days of plan/basic? [y/N]"},
		{[]string{"key", "--days", "367"}, 2, "want 1..366"},
	} {
		code, _, stderr = n.run(append([]string{"plan"}, c.arguments...)...)
		require.Equal(t, c.code, code)
		require.Contains(t, stderr, c.told)
	}
	require.Len(t, n.Messages, 3)
}

// A host that verifies as supernodes do accepts the key, and never sees it.
func TestPlanKey(t *testing.T) {
	n := newNode(t)
	var registered markettypes.Statement
	var body []byte
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Statement string `json:"statement"`
			PubKey    []byte `json:"pub_key"`
			Signature []byte `json:"signature"`
		}
		if r.Method != http.MethodPost || r.URL.Path != "/virusmap/node/v1/keys" || json.NewDecoder(r.Body).Decode(&request) != nil {
			http.NotFound(w, r)
			return
		}
		body, _ = json.Marshal(request)
		var err error
		registered, err = markettypes.Verify(request.Statement, request.PubKey, request.Signature, time.Now())
		if err != nil {
			answer(w, http.StatusBadRequest, `{"error":{"code":"BadRequestError","message":"`+err.Error()+`"}}`)
			return
		}
		answer(w, http.StatusOK, `{}`)
	}))
	t.Cleanup(host.Close)
	code, stdout, stderr := n.run("plan", "key", "--days", "30", "--host", host.URL)
	require.Zero(t, code, stderr)
	key := strings.TrimSpace(stdout)
	require.Len(t, key, 43)
	require.Equal(t, sha256.Sum256([]byte(key)), registered.KeyHash)
	require.Equal(t, n.buyer, registered.Account)
	require.Equal(t, purchasetest.ChainID, registered.ChainID)
	require.Equal(t, 30*24*time.Hour, registered.Expires.Sub(registered.Issued))
	require.NotContains(t, string(body)+stderr, key)
	_, again, _ := n.run("plan", "key", "--host", host.URL)
	require.NotEqual(t, stdout, again)

	code, stdout, stderr = n.run("plan", "key", "--host", n.gateway.URL)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "HTTP 404")
}
