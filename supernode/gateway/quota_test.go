package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// TestFreeAccountHasDaysAndMonths is rule R-11.
func TestFreeAccountHasDaysAndMonths(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) {
		roleKeys(cfg, nil)
		cfg.FreeRequestsPerMinute, cfg.FreeRequestsPerDay, cfg.FreeRequestsPerMonth = 0, 3, 5
	})
	w := newWallet("alpha")
	at := func(day, hour int) { f.clock.set(time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC)) }
	at(30, 12)
	statement := w.statement(walletKey, f.clock.Now())
	statement.Expires = f.clock.Now().AddDate(0, 2, 0)
	f.postKey(t, w.request(t, statement)).resource(t)
	ask := func() answer { return f.getAs(t, walletKey, "/api/v3/files/"+hexOf("a")) }
	for left := 2; left >= 0; left-- {
		a := ask()
		require.Equal(t, 200, a.Status)
		require.Equal(t, fmt.Sprint(left), a.Header.Get("RateLimit-Remaining"))
		require.Equal(t, "3", a.Header.Get("RateLimit-Limit"), "the day is the nearer limit")
		require.Equal(t, "43200", a.Header.Get("RateLimit-Reset"))
		require.Equal(t, `3;w=86400;name="api_requests_daily", 5;w=2678400;name="api_requests_monthly"`, a.Header.Get("RateLimit-Policy"))
	}
	for range 3 {
		a := ask()
		require.Equal(t, 429, a.Status)
		require.Equal(t, "QuotaExceededError", a.Err.Code)
		require.Contains(t, a.Err.Message, "api_requests_daily")
		require.Equal(t, "43200", a.Header.Get("Retry-After"))
	}
	entries, _ := f.auditLog(t, "action="+actionQuotaExceeded)
	require.Len(t, entries, 1, "the first time a day")
	require.Equal(t, w.account, entries[0].Actor)
	require.Equal(t, quotaDaily, entries[0].Object)

	at(31, 0)
	require.Equal(t, "1", ask().Header.Get("RateLimit-Remaining"), "two are left of the month")
	require.Equal(t, 200, ask().Status)
	a := ask()
	require.Equal(t, 429, a.Status)
	require.Contains(t, a.Err.Message, "api_requests_monthly")
	require.Equal(t, "86400", a.Header.Get("RateLimit-Reset"))

	c, err := f.clientWith(context.Background(), walletKey)
	require.NoError(t, err)
	uses, err := f.quotas(context.Background(), c)
	require.NoError(t, err)
	require.Equal(t, map[string]quotaUse{quotaDaily: {3, 2}, quotaMonthly: {5, 5}}, uses)
	f.clock.set(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	require.Equal(t, 200, ask().Status, "a new month")
}

func TestRateIsToldApartFromQuota(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { cfg.FreeRequestsPerMinute = 2 })
	key := f.authorise(t, newWallet("alpha"))
	path := "/api/v3/files/" + hexOf("a")
	require.Equal(t, "2", f.getAs(t, key, path).Header.Get("RateLimit-Limit"), "the minute is the nearer limit")
	f.getAs(t, key, path)
	a := f.getAs(t, key, path)
	require.Equal(t, 429, a.Status)
	require.Equal(t, "TooManyRequestsError", a.Err.Code)
	used, err := f.index.Usage(context.Background(), newWallet("alpha").account, 0)
	require.NoError(t, err)
	require.EqualValues(t, 2, used[0].Used, "what the rate refused is not taken from the day")
}

// TestSearchesOfAPlan is row S-54: a counter of its own, by the month.
func TestSearchesOfAPlan(t *testing.T) {
	f := startFeedNode(t, nil)
	w, free := newWallet("alpha"), newWallet("beta")
	plan := planOf(1)
	plan.Quotas.SearchesPerMonth = 2
	f.market.Sell(w.account, 0, plan)
	key := f.authorise(t, w)
	for _, path := range []string{"/api/v3/intelligence/search?query=a", "/api/v3/files/" + hexOf("a") + "/download"} {
		a := f.getAs(t, key, path)
		require.NotEqual(t, 429, a.Status)
		require.Equal(t, "2", a.Header.Get("RateLimit-Limit"))
	}
	a := f.getAs(t, key, "/api/v3/intelligence/search?query=a")
	require.Equal(t, 429, a.Status)
	require.Contains(t, a.Err.Message, quotaSearches)
	require.Equal(t, 200, f.getAs(t, key, "/api/v3/files/"+hexOf("a")).Status, "look-ups are counted apart")

	a = f.getAs(t, f.authorise(t, free), "/api/v3/intelligence/search?query=a")
	require.Equal(t, 403, a.Status, "searching needs a plan")
}

// TestQuotaOfTwoGateways has two gateways on one database and a hundred requests at once.
func TestQuotaOfTwoGateways(t *testing.T) {
	f := startFeedNode(t, nil)
	w := newWallet("alpha")
	const limit, tries = 60, 200
	f.market.Sell(w.account, 0, planOf(limit))
	key := f.authorise(t, w)
	cfg, deps := f.cfg, f.deps
	deps.Metrics = prometheus.NewRegistry()
	second, err := New(cfg, deps)
	require.NoError(t, err)
	urls := []string{f.url, serve(t, second)}
	var admitted, refused atomic.Int64
	var wait sync.WaitGroup
	for i := range tries {
		wait.Go(func() {
			switch status := statusOf(t, urls[i%2]+"/api/v3/files/"+hexOf("a"), key); status {
			case 200:
				admitted.Add(1)
			case 429:
				refused.Add(1)
			default:
				t.Errorf("status %d", status)
			}
		})
	}
	wait.Wait()
	require.EqualValues(t, limit, admitted.Load())
	require.EqualValues(t, tries-limit, refused.Load())
}

func TestGreatestOfAllPlansCounts(t *testing.T) {
	var r rights
	r.addQuotas(markettypes.Quotas{LookupsPerDay: 5, SearchesPerMonth: 1, LookbackDays: 90, LivehuntRules: 3})
	r.addQuotas(markettypes.Quotas{LookupsPerDay: 2, SearchesPerMonth: 9, LookbackDays: 30, PrivateGraphs: true})
	require.Equal(t, markettypes.Quotas{LookupsPerDay: 5, SearchesPerMonth: 9, LookbackDays: 90, LivehuntRules: 3, PrivateGraphs: true}, r.quotas)
	r.addQuotas(markettypes.Quotas{})
	require.Zero(t, r.quotas.LookbackDays, "no limit is the greatest")
}

// serve answers with another gateway until the test ends.
func serve(t *testing.T, g *Gateway) string {
	t.Helper()
	server := httptest.NewServer(g.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

func statusOf(t *testing.T, url, key string) int {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("X-Apikey", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

func serveMux(t *testing.T, mux *http.ServeMux) string {
	t.Helper()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// TestOnlyPollingIsFree asks for a report by the way of its analysis.
func TestOnlyPollingIsFree(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.RequestsPerMinute, cfg.AnonymousRequestsPerMinute = 2, 1 })
	id := n.upload(t, file("content")).resource(t).ID
	for _, want := range []int{200, 429} {
		require.Equal(t, want, n.get(t, "/api/v3/analyses/"+id+"/item").Status)
		require.Equal(t, 200, n.get(t, "/api/v3/analyses/"+id).Status)
		require.Equal(t, want, n.anonymously(t, "GET", "/ui/analyses/"+id+"/relationships/item", "").Status)
		require.Equal(t, 200, n.anonymously(t, "GET", "/ui/analyses/"+id, "").Status)
	}
}
