package system

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/network"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const lookups = 3

var planSettings = map[string]any{
	"app_state.epochs.epochs.0.duration":                        "900s",
	"app_state.market.params.products.4.quotas.lookups_per_day": lookups, // plan/basic
}

// A vendor subscribes, makes an API key with its wallet, uses up what the plan gives, and
// revokes the key; what has not begun of the plan comes back.
func TestMarketPlan(t *testing.T) {
	w := ownWorld(t, "market-plans", setup{supernodes: 1, genesis: planSettings})
	hash := w.submitted(t, 1, "")[0]
	buyer := w.newVendor(t, "vendor", 1000*samplePrice, w.Supernodes[0])
	p := buyer.virusmap(t, "plan", "buy", "--yes", "basic", "--periods", "3")
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	first := w.subscription(t, buyer, "plan/basic")
	require.EqualValues(t, 2, first.PeriodsLeft, "the first period has begun")

	p = buyer.virusmap(t, "plan", "key", "--days", "30")
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	var made struct {
		Key string `json:"api_key"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.stdout), &made), p.stdout)
	for left := lookups - 1; left >= 0; left-- {
		answer := ask(t, w.Supernodes[0], made.Key, "/api/v3/files/"+hash)
		require.Equal(t, http.StatusOK, answer.code, answer.body)
		require.Equal(t, string(rune('0'+left)), answer.header.Get("RateLimit-Remaining"))
	}
	answer := ask(t, w.Supernodes[0], made.Key, "/api/v3/files/"+hash)
	require.Equal(t, http.StatusTooManyRequests, answer.code, answer.body)
	require.Contains(t, answer.body, "QuotaExceededError")
	marketFigure("plan_lookups_before_429", lookups)

	before := w.balance(t.Context(), buyer.Address)
	p = buyer.virusmap(t, "plan", "cancel", "--yes", "basic")
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	refund := w.balance(t.Context(), buyer.Address) - before
	require.Greater(t, refund, int64(199*samplePrice))
	marketFigure("plan_refund_uvmt_less_fee", refund)

	p = buyer.virusmap(t, "plan", "revoke", "--yes")
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	until(t, "the end of the key", func(context.Context) bool {
		return ask(t, w.Supernodes[0], made.Key, "/api/v3/files/"+hash).code == http.StatusUnauthorized
	})
	w.requireHealthy(t)
}

// A vendor reads a feed; whoever leaves a line out is found out.
func TestMarketFeed(t *testing.T) {
	w := ownWorld(t, "market-feeds", setup{supernodes: 1, genesis: planSettings})
	w.feedsAtOnce(t, w.Supernodes[0])
	buyer := w.newVendor(t, "vendor", 1000*samplePrice, w.Supernodes[0])
	p := buyer.virusmap(t, "plan", "buy", "--yes", "feed/files", "--periods", "1")
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	p = buyer.virusmap(t, "plan", "key")
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	var made struct {
		Key string `json:"api_key"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.stdout), &made), p.stdout)

	hashes := w.submitted(t, 5, "")
	var packages []markettypes.FeedPackage
	until(t, "the record of the minute", func(ctx context.Context) bool {
		now := time.Now().Unix() / 60
		found, err := w.chain.Market().FeedPackages(ctx, &markettypes.QueryFeedPackagesRequest{Feed: "files", From: now - 10, To: now})
		if err != nil {
			return false
		}
		packages = found.Packages
		count := uint64(0)
		for _, one := range packages {
			count += one.Count
		}
		return count >= 5
	})
	dir := t.TempDir()
	var content []byte
	for _, one := range packages {
		minute := time.Unix(one.Minute*60, 0).UTC().Format("200601021504")
		var p printed
		until(t, "the gateway's package of "+minute, func(context.Context) bool { // it follows a moment after
			p = buyer.virusmap(t, "--api-key", made.Key, "feed", "get", "files", minute, "--dir", dir)
			return !strings.Contains(p.stderr, "NotAvailableYet")
		})
		require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
		path := filepath.Join(dir, "files-"+minute+".jsonl")
		requireShort(t, buyer, path, minute)
		lines, err := os.ReadFile(path)
		require.NoError(t, err)
		content = append(content, lines...)
	}
	for _, hash := range hashes {
		require.Contains(t, string(content), hash)
	}
	marketFigure("feed_lines", strings.Count(string(content), "\n"))
	w.requireHealthy(t)
}

// requireShort asserts that a package verifies, and does not when its last line is gone.
func requireShort(t *testing.T, buyer vendor, path, minute string) {
	t.Helper()
	verify := func(path string) printed {
		return buyer.virusmap(t, "feed", "verify", path, "--kind", "files", "--minute", minute)
	}
	p := verify(path)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := bytes.SplitAfter(content, []byte("\n"))
	short := filepath.Join(t.TempDir(), "short.jsonl")
	require.NoError(t, os.WriteFile(short, bytes.Join(lines[:len(lines)-2], nil), 0o600))
	p = verify(short)
	require.Equal(t, exitDisputed, p.code, "a withheld line is noticed: %s%s", p.stdout, p.stderr)
	require.Contains(t, p.stdout+p.stderr, "withheld")
	marketFigure("feed_withheld_line_noticed", true)
}

// feedsAtOnce has a gateway give out feeds without the usual delay.
func (w *world) feedsAtOnce(t *testing.T, supernode *network.Supernode) {
	t.Helper()
	supernode.Stop()
	require.NoError(t, editConfig(supernode.Home, func(config map[string]any) {
		config["gateway"].(map[string]any)["feeds"].(map[string]any)["delay_minutes"] = 0
	}))
	restart(t, supernode)
}

func (w *world) subscription(t *testing.T, buyer vendor, product string) (found markettypes.Subscription) {
	t.Helper()
	until(t, product, func(ctx context.Context) bool {
		response, err := w.chain.Market().Subscriptions(ctx, &markettypes.QuerySubscriptionsRequest{Buyer: buyer.Address})
		if err != nil {
			return false
		}
		for _, one := range response.Subscriptions {
			if one.Product == product {
				found = one
				return true
			}
		}
		return false
	})
	return found
}

// answered is what a gateway said.
type answered struct {
	code   int
	header http.Header
	body   string
}

func ask(t *testing.T, supernode *network.Supernode, key, path string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, supernode.URL+path, nil)
	require.NoError(t, err)
	request.Header.Set("x-apikey", key)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answered{response.StatusCode, response.Header, string(body)}
}
