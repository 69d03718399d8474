package gateway

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// planOf is a plan that runs for years.
func planOf(lookups uint64) markettypes.Subscription {
	return markettypes.Subscription{
		Kind: markettypes.PRODUCT_KIND_PLAN, DueTime: feedTime(1 << 20).Unix(), Quotas: markettypes.Quotas{LookupsPerDay: lookups},
	}
}

// TestLookupsOfAPlan goes exactly to the limit, and on after midnight in UTC.
func TestLookupsOfAPlan(t *testing.T) {
	f := startFeedNode(t, nil)
	w := newWallet("alpha")
	f.market.Sell(w.account, 0, planOf(2), planOf(5), planOf(3))
	f.clock.set(time.Date(2026, 3, 1, 23, 59, 50, 0, time.UTC))
	key := f.authorise(t, w)
	path := "/api/v3/files/" + hexOf("a")
	for left := 4; left >= 0; left-- {
		a := f.getAs(t, key, path)
		require.Equal(t, 200, a.Status)
		require.Equal(t, "5", a.Header.Get("RateLimit-Limit"), "the greatest of all plans")
		require.Equal(t, fmt.Sprint(left), a.Header.Get("RateLimit-Remaining"))
		require.Equal(t, "10", a.Header.Get("RateLimit-Reset"))
	}
	for range 2 {
		a := f.getAs(t, key, path)
		require.Equal(t, 429, a.Status)
		require.Equal(t, "QuotaExceededError", a.Err.Code)
		require.Equal(t, "0", a.Header.Get("RateLimit-Remaining"))
		require.Equal(t, "10", a.Header.Get("Retry-After"))
	}
	for _, free := range []string{"/api/v3/files/upload_url", "/api/v3/analyses/none", "/api/v3/feeds/files/202603011000"} {
		require.NotEqual(t, 429, f.getAs(t, key, free).Status, free)
	}
	f.clock.set(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	a := f.getAs(t, key, path)
	require.Equal(t, 200, a.Status)
	require.Equal(t, "4", a.Header.Get("RateLimit-Remaining"))
	require.Equal(t, "86400", a.Header.Get("RateLimit-Reset"))

	f.market.Sell(w.account, 0, planOf(0))
	f.clock.set(time.Date(2026, 3, 2, 0, 1, 0, 0, time.UTC))
	require.Equal(t, 429, f.getAs(t, key, path).Status, "a plan without look-ups")
}

func TestLookupsOfAllKeysCountTogether(t *testing.T) {
	f := startFeedNode(t, nil)
	w := newWallet("alpha")
	const limit, tries = 50, 120
	f.market.Sell(w.account, 0, planOf(limit))
	keys := []string{"first-key-0123456789", "second-key-0123456789"}
	for _, key := range keys {
		f.postKey(t, w.request(t, w.statement(key, f.clock.Now()))).resource(t)
	}
	var served atomic.Int64
	var wait sync.WaitGroup
	for i := range tries {
		wait.Go(func() {
			if f.getAs(t, keys[i%2], "/api/v3/files/"+hexOf("a")).Status == 200 {
				served.Add(1)
			}
		})
	}
	wait.Wait()
	require.EqualValues(t, limit, served.Load())
}

func TestAccountWithoutAPlanHasTheFreeLimit(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { cfg.FreeRequestsPerMinute = 2 })
	w := newWallet("alpha")
	for i, status := range []int{200, 200, 429} {
		key := fmt.Sprint("key-0123456789012-", i)
		f.postKey(t, w.request(t, w.statement(key, f.clock.Now()))).resource(t)
		require.Equal(t, status, f.getAs(t, key, "/api/v3/files/"+hexOf("a")).Status, "all keys of the account together")
	}
	f.market.Sell(w.account, 0, planOf(5))
	f.clock.set(f.clock.Now().Add(rightsMaxAge))
	require.Equal(t, 200, f.getAs(t, "key-0123456789012-0", "/api/v3/files/"+hexOf("a")).Status, "bought meanwhile")
}

func TestRightsWhileTheChainIsAway(t *testing.T) {
	f := startFeedNode(t, nil)
	known, stranger := newWallet("alpha"), newWallet("beta")
	f.market.Sell(known.account, 0, planOf(100))
	key, now := f.authorise(t, known), f.clock.Now()
	f.market.SetAway(true)
	f.clock.set(now.Add(time.Minute))
	require.Equal(t, 200, f.getAs(t, key, "/api/v3/files/"+hexOf("a")).Status)
	require.Equal(t, 503, f.postKey(t, stranger.request(t, stranger.statement("other", now))).Status)
	f.clock.set(now.Add(rightsStale))
	require.Equal(t, 503, f.getAs(t, key, "/api/v3/files/"+hexOf("a")).Status, "a revocation may have been missed")
}
