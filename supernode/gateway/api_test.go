package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestAuthentication is rule R-01 of VirusTotal's API.
func TestAuthentication(t *testing.T) {
	n := startNode(t, nil)
	for name, c := range map[string]struct {
		header, key string
		status      int
		code        string
	}{
		"no key":          {"X-Apikey", "", 401, "AuthenticationRequiredError"},
		"wrong key":       {"X-Apikey", "wrong", 401, "WrongCredentialsError"},
		"key":             {"X-Apikey", testKey, 200, ""},
		"lower case":      {"x-apikey", testKey, 200, ""},
		"mixed case":      {"X-ApiKey", otherKey, 200, ""},
		"prefix of a key": {"X-Apikey", testKey[:10], 401, "WrongCredentialsError"},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/files/upload_url", nil)
			require.NoError(t, err)
			request.Header["X-Apikey"] = nil
			if c.key != "" {
				delete(request.Header, "X-Apikey")
				request.Header[c.header] = []string{c.key}
			}
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, c.status, response.StatusCode)
			var a answer
			require.NoError(t, json.NewDecoder(response.Body).Decode(&a))
			require.Equal(t, c.code, a.Err.Code)
		})
	}
}

// TestErrorsAreJSON is rules: whatever fails has a JSON body
// with a code, a status that agrees, and a length.
func TestErrorsAreJSON(t *testing.T) {
	n := startNode(t, nil)
	absent := strings.Repeat("0", 64)
	for _, c := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/api/v3/files/" + absent, 404, "NotFoundError"},
		{"GET", "/api/v3/files/" + absent[:40], 404, "NotFoundError"},
		{"GET", "/api/v3/files/" + absent[:32], 404, "NotFoundError"},
		{"GET", "/api/v3/files/nothex", 400, "InvalidArgumentError"},
		{"GET", "/api/v3/files/" + absent[:63] + "g", 400, "InvalidArgumentError"},
		{"GET", "/api/v3/files/" + strings.Repeat("a", 4000), 400, "InvalidArgumentError"},
		{"GET", "/api/v3/analyses/bm90IGFuIGFuYWx5c2lz", 404, "NotFoundError"},
		{"GET", "/api/v3/analyses/" + strings.Repeat("a", 4000), 404, "NotFoundError"},
		{"GET", "/api/v3/no/such/thing", 404, "NotFoundError"},
		{"GET", "/api/v3/", 404, "NotFoundError"},
		{"GET", "/api/v3/files", 404, "NotFoundError"},
		{"DELETE", "/api/v3/files/" + absent, 404, "NotFoundError"},
		{"GET", "/api/v3//files/" + absent, 404, "NotFoundError"},
		{"GET", "/api/v3/../v3/files/" + absent, 404, "NotFoundError"},
		{"POST", "/", 404, "NotFoundError"},
		{"GET", "/api", 404, "NotFoundError"},
		{"GET", "/ui", 404, "NotFoundError"},
		{"GET", "/vtapi", 404, "NotFoundError"},
		{"GET", "/chain", 404, "NotFoundError"},
		{"POST", "/api/v3/files", 400, "BadRequestError"},
	} {
		request, err := http.NewRequest(c.method, n.url+c.path, nil)
		require.NoError(t, err)
		a := n.do(t, request)
		require.Equal(t, c.status, a.Status, c.path)
		require.Equal(t, c.code, a.Err.Code, c.path)
		require.NotEmpty(t, a.Err.Message, c.path)
		require.True(t, strings.HasPrefix(a.Header.Get("Content-Type"), "application/json"), c.path)
		require.Equal(t, fmt.Sprint(len(a.Raw)), a.Header.Get("Content-Length"), c.path)
	}
}

// TestUploadURL is row V-02.
func TestUploadURL(t *testing.T) {
	for name, c := range map[string]struct{ public, want string }{
		"from the request": {"", "%s/api/v3/files"},
		"configured":       {"https://scan.example.org/", "https://scan.example.org/api/v3/files"},
		"below a path":     {"https://example.org/scan", "https://example.org/scan/api/v3/files"},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, func(cfg *Config, _ *Deps) { cfg.PublicURL = c.public })
			var url string
			require.NoError(t, json.Unmarshal(n.get(t, "/api/v3/files/upload_url").Data, &url))
			want := c.want
			if c.public == "" {
				want = fmt.Sprintf(want, n.url)
			}
			require.Equal(t, want, url)
		})
	}
	n := startNode(t, nil)
	request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/files/upload_url", nil)
	require.NoError(t, err)
	request.Header.Set("X-Forwarded-Host", "evil.example")
	request.Header.Set("X-Forwarded-Proto", "https")
	require.NotContains(t, string(n.do(t, request).Raw), "evil")
}

// TestGzip is rule R-02: compressed only when asked for, and then marked as such.
func TestGzip(t *testing.T) {
	n := startNode(t, nil)
	verdicts := make([]verdictstypes.EngineVerdict, 30)
	for i := range verdicts {
		verdicts[i] = verdictstypes.EngineVerdict{Engine: fmt.Sprint("engine-", i), Operator: operator(1), Category: verdictstypes.CATEGORY_UNDETECTED}
	}
	n.chain.finish("content", 1, verdictstypes.OUTCOME_CLEAN, verdicts...)
	for accept, zipped := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "identity": false, "": false, "gzip;q=0": false} {
		request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/files/"+hexOf("content"), nil)
		require.NoError(t, err)
		request.Header.Set("Accept-Encoding", accept) // set by hand, so the client does not unpack
		a := n.do(t, request)
		require.Equal(t, zipped, a.Header.Get("Content-Encoding") == "gzip", accept)
		require.Equal(t, fmt.Sprint(len(a.Raw)), a.Header.Get("Content-Length"))
		body := a.Raw
		if zipped {
			r, err := gzip.NewReader(bytes.NewReader(a.Raw))
			require.NoError(t, err)
			body, err = io.ReadAll(r)
			require.NoError(t, err)
		}
		require.True(t, json.Valid(body))
	}
}

// TestRequestRate is rule R-11; polling an analysis is never refused (V-30).
func TestRequestRate(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.RequestsPerMinute = 3 })
	id := n.upload(t, file("content")).resource(t).ID
	n.get(t, "/api/v3/files/upload_url")
	last := n.get(t, "/api/v3/files/upload_url")
	require.Equal(t, "3", last.Header.Get("RateLimit-Limit"))
	require.Equal(t, "0", last.Header.Get("RateLimit-Remaining"))
	a := n.get(t, "/api/v3/files/upload_url")
	require.Equal(t, http.StatusTooManyRequests, a.Status)
	require.Equal(t, "TooManyRequestsError", a.Err.Code)
	require.Equal(t, "20", a.Header.Get("Retry-After"))
	for range 10 {
		n.get(t, "/api/v3/analyses/"+id).resource(t)
	}
	request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/files/upload_url", nil)
	require.NoError(t, err)
	request.Header.Set("X-Apikey", otherKey)
	require.Equal(t, http.StatusOK, n.do(t, request).Status, "each key has its own allowance")
}

func TestHugeHeaderIsRefused(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/files/upload_url", nil)
	require.NoError(t, err)
	request.Header.Set("X-Apikey", testKey)
	request.Header.Set("X-Huge", strings.Repeat("h", maxHeaderBytes+(8<<10)))
	// The server does not read to the end, so its answer may be lost to a reset.
	if response, err := http.DefaultClient.Do(request); err == nil {
		require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)
		response.Body.Close()
	}
	require.Equal(t, http.StatusOK, n.get(t, "/api/v3/files/upload_url").Status)
}

func TestHealth(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		want   string
	}{
		"all parts work":  {nil, 200, "ok"},
		"one part failed": {errors.New("secret path /x"), 503, "failing"},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, func(_ *Config, deps *Deps) {
				deps.Checks = map[string]func(context.Context) error{
					"chain": func(context.Context) error { return c.err },
					"vault": func(context.Context) error { return nil },
				}
			})
			response, err := http.Get(n.url + "/healthz") // needs no key
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, c.status, response.StatusCode)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.JSONEq(t, fmt.Sprintf(`{"status":%q,"checks":{"chain":%q,"vault":"ok","vault key":"ok"}}`, c.want, c.want), string(body))
		})
	}
}

func TestMetrics(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	response, err := http.Get(n.url + "/metrics")
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), `virusmap_gateway_requests_total{route="POST /api/v3/files",status="200"} 1`)
	require.Contains(t, string(body), `virusmap_gateway_uploads_total{result="new"} 1`)
	require.Contains(t, string(body), `virusmap_gateway_submissions_queued{channel="api"} 1`)
	require.NotContains(t, string(body), testKey)
}

func TestConfigIsChecked(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"listen":                      func(c *Config) { c.Listen = "" },
		"public_url":                  func(c *Config) { c.PublicURL = "example.org" },
		"keys[0]: role":               func(c *Config) { c.Keys = []Key{{Name: "a", Key: testKey, Role: "root"}} },
		"keys[0]: name":               func(c *Config) { c.Keys = []Key{{Key: testKey, Role: "admin"}} },
		"keys[0]: key:":               func(c *Config) { c.Keys = []Key{{Name: "a", Key: "short", Role: "admin"}} },
		"keys[0]: key_sha256":         func(c *Config) { c.Keys = []Key{{Name: "a", KeySHA256: "ab", Role: "admin"}} },
		"want either key or":          func(c *Config) { c.Keys = []Key{{Name: "a", Role: "admin"}} },
		"free_requests_per_day":       func(c *Config) { c.FreeRequestsPerDay = -1 },
		"free_requests_per_month":     func(c *Config) { c.FreeRequestsPerMonth = -1 },
		"audit_days":                  func(c *Config) { c.AuditDays = 0 },
		"private: max_bytes":          func(c *Config) { c.Private.MaxBytes = 0 },
		"private: max_total_bytes":    func(c *Config) { c.Private.MaxTotalBytes = 0 },
		"private: retention_days":     func(c *Config) { c.Private.RetentionDays = 0 },
		"api_keys[0]":                 func(c *Config) { c.APIKeys = []string{"short"} },
		"max_file_bytes":              func(c *Config) { c.MaxFileBytes = 0 },
		"max_uploads":                 func(c *Config) { c.MaxUploads = 0 },
		"max_connections":             func(c *Config) { c.MaxConnections = -1 },
		"min_upload_bytes_per_second": func(c *Config) { c.MinUploadRate = 0 },
		"upload_grace_seconds":        func(c *Config) { c.UploadGrace = 0 },
		"requests_per_minute":         func(c *Config) { c.RequestsPerMinute = -1 },
		"cached_reports":              func(c *Config) { c.CachedReports = 0 },
		"free_requests_per_minute":    func(c *Config) { c.FreeRequestsPerMinute = -1 },
		"feeds: builds":               func(c *Config) { c.Feeds.Builds = 0 },
		"report_max_age_seconds":      func(c *Config) { c.ReportMaxAge = -1 },
	} {
		cfg := DefaultConfig()
		require.NoError(t, cfg.Validate())
		change(&cfg)
		require.ErrorContains(t, cfg.Validate(), field)
	}
}
