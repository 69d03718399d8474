package gateway

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// anonymously sends a request without a key; headers are pairs.
func (n *node) anonymously(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header["X-Apikey"] = nil
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return n.do(t, request)
}

// page uploads as the page does.
func (n *node) page(t *testing.T, content string) answer {
	t.Helper()
	body, contentType := formOf(t, file(content))
	return n.anonymously(t, http.MethodPost, "/ui/files", body,
		"Content-Type", contentType, "X-Virusmap-Consent", "1", "Sec-Fetch-Site", "same-origin")
}

func TestPageNeedsNoKey(t *testing.T) {
	n := startNode(t, nil)
	uploaded := n.page(t, "content").resource(t)
	require.Equal(t, n.url+"/ui/analyses/"+uploaded.ID, uploaded.Links["self"], "links keep the base")
	require.Equal(t, "queued", n.anonymously(t, "GET", "/ui/analyses/"+uploaded.ID, "").resource(t).Attributes["status"])
	require.Equal(t, hexOf("content"), n.anonymously(t, "GET", "/ui/files/"+hexOf("content"), "").resource(t).ID)
	for _, path := range []string{"/api/v3/files/" + hexOf("content"), "/ipfs/x", "/api/v3/feeds/files/202601010000"} {
		require.Equal(t, http.StatusUnauthorized, n.anonymously(t, "GET", path, "").Status, path)
	}
	require.Equal(t, http.StatusNotFound, n.anonymously(t, "GET", "/ui/feeds/files/202601010000", "").Status, "feeds are for those who pay")
}

func TestForeignOrigins(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.PublicURL = "https://scan.example.org" })
	own := n.url
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"a program":                       {nil, 200},
		"own page":                        {[]string{"Sec-Fetch-Site", "same-origin", "Origin", own}, 200},
		"a person":                        {[]string{"Sec-Fetch-Site", "none"}, 200},
		"an extension with the right":     {[]string{"Sec-Fetch-Site", "none", "Origin", "chrome-extension://abc"}, 200},
		"another site":                    {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another site's name for its own": {[]string{"Sec-Fetch-Site", "cross-site", "Origin", own}, 403},
		"another host of the site":        {[]string{"Sec-Fetch-Site", "same-site"}, 403},
		"unknown word":                    {[]string{"Sec-Fetch-Site", "trust-me"}, 403},
		"older browser, own page":         {[]string{"Origin", own}, 200},
		"older browser, public name":      {[]string{"Origin", "https://scan.example.org"}, 200},
		"older browser, other scheme":     {[]string{"Origin", "http://scan.example.org"}, 403},
		"older browser, other port":       {[]string{"Origin", "http://127.0.0.1:1"}, 403},
		"older browser, another site":     {[]string{"Origin", "http://evil.example"}, 403},
		"older browser, opaque":           {[]string{"Origin", "null"}, 403},
		"older browser, look-alike":       {[]string{"Origin", own + ".evil.example"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			a := n.anonymously(t, "GET", "/ui/files/upload_url", "", c.headers...)
			require.Equal(t, c.status, a.Status, string(a.Raw))
			if c.status == 403 {
				require.Equal(t, "ForbiddenError", a.Err.Code)
			}
			require.Empty(t, a.Header.Get("Access-Control-Allow-Origin"))
		})
	}
	body, contentType := formOf(t, file("by force"))
	a := n.anonymously(t, "POST", "/ui/files", body, "Content-Type", contentType, "Sec-Fetch-Site", "cross-site")
	require.Equal(t, 403, a.Status, "a form that another site has a browser send")
	require.Zero(t, n.queued(t))
}

func TestAnonymousLimits(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) {
		cfg.AnonymousRequestsPerMinute, cfg.AnonymousUploadsPerMinute = 3, 2
	})
	id := n.page(t, "one").resource(t).ID
	second := n.page(t, "two")
	require.Equal(t, "2", second.Header.Get("RateLimit-Limit"))
	require.Equal(t, "0", second.Header.Get("RateLimit-Remaining"))
	refused := n.page(t, "three")
	require.Equal(t, http.StatusTooManyRequests, refused.Status)
	require.Equal(t, "TooManyRequestsError", refused.Err.Code)
	require.Equal(t, "30", refused.Header.Get("Retry-After"))

	path := "/ui/files/" + hexOf("one")
	for range 3 {
		require.Equal(t, 200, n.anonymously(t, "GET", path, "").Status, "look-ups have an allowance of their own")
	}
	require.Equal(t, http.StatusTooManyRequests, n.anonymously(t, "GET", path, "").Status)
	for range 10 {
		require.Equal(t, 200, n.anonymously(t, "GET", "/ui/analyses/"+id, "").Status, "polling is not counted")
		require.NotEqual(t, http.StatusTooManyRequests, n.anonymously(t, "GET", "/", "").Status, "nor is the page")
	}
	require.Equal(t, 200, n.get(t, "/api/v3/files/"+hexOf("one")).Status, "keys have nothing to do with it")
}

func TestAllowancesByAddress(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) {
		cfg.AnonymousRequestsPerMinute, cfg.TrustedProxies = 1, []string{"127.0.0.0/8"}
	})
	look := func(from string) int {
		return n.anonymously(t, "GET", "/ui/files/upload_url", "", "X-Forwarded-For", from).Status
	}
	require.Equal(t, 200, look("192.0.2.1"))
	require.Equal(t, 429, look("192.0.2.1"))
	require.Equal(t, 429, look("198.51.100.7, 192.0.2.1"), "what a client adds in front changes nothing")
	require.Equal(t, 200, look("192.0.2.2"))
	require.Equal(t, 200, look("2001:db8::1"))
	require.Equal(t, 429, look("2001:db8::ffff"), "of one network")
	require.Equal(t, 200, look("2001:db8:0:1::1"))
}

func TestStateOfVisitorsIsBounded(t *testing.T) {
	t.Parallel()
	visitors, err := newVisitors(DefaultConfig())
	require.NoError(t, err)
	r := httptest.NewRequest("GET", "/", nil)
	for i := range knownVisitors + 1000 {
		r.RemoteAddr = "10." + strings.Join([]string{strconv.Itoa(i >> 16), strconv.Itoa(i >> 8 & 255), strconv.Itoa(i & 255)}, ".") + ":1"
		visitors.at(siteOf(addressOf(r, nil)))
	}
	require.Equal(t, knownVisitors, visitors.known.Len())
}

func TestVisitorsCannotBeTraced(t *testing.T) {
	n := startNode(t, nil)
	other := startNode(t, func(_ *Config, deps *Deps) { deps.ClaimSecret = []byte(strings.Repeat("s", ClaimSecretBytes)) })
	r := httptest.NewRequest("GET", "/", nil)
	site := siteOf(addressOf(r, nil))
	require.Equal(t, n.sourceOfSite(site), n.sourceOfSite(site))
	require.NotEqual(t, n.sourceOfSite(site), other.sourceOfSite(site))
}

// TestWithoutWeb closes everything that needs no key.
func TestWithoutWeb(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.Web = false })
	for path, status := range map[string]int{
		"/": 404, "/ui/files/upload_url": 404, "/chain/rpc/status": 404,
		"/virusmap/node/v1/engines": 401, "/virusmap/node/v1/info": 200, "/docs/": 200,
	} {
		require.Equal(t, status, n.anonymously(t, "GET", path, "").Status, path)
	}
}
