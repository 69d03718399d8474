package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	vt "github.com/VirusTotal/vt-go"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func (n *node) postForm(t *testing.T, path string, values url.Values) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, n.url+"/api/v3"+path, strings.NewReader(values.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return n.do(t, request)
}

func (n *node) submitURL(t *testing.T, text string) answer {
	t.Helper()
	return n.postForm(t, "/urls", url.Values{"url": {text}})
}

// finishURL gives a URL that is on chain a report.
func (n *node) finishURL(canonical string, outcome verdictstypes.Outcome, verdicts ...verdictstypes.EngineVerdict) {
	n.chain.finish(canonical, 1, outcome, verdicts...)
	n.chain.set(func() {
		sample := n.chain.samples[hexOf(canonical)]
		sample.Kind = samplestypes.KIND_URL
		n.chain.samples[hexOf(canonical)] = sample
	})
}

func TestURLReachesTheChain(t *testing.T) {
	n := startNode(t, nil)
	n.submitting(t)
	const canonical = "http://www.example.com/a?b=c"
	a := n.postForm(t, "/urls", url.Values{"url": {"WWW.Example.com:80/x/../a?b=c#d"}, "contributor": {operator(3)}})
	analysis := a.resource(t)
	require.Equal(t, "analysis", analysis.Type)
	require.Regexp(t, "^u-"+hexOf(canonical)+`-\d+$`, analysis.ID)
	require.Equal(t, map[string]any{"id": hexOf(canonical), "url": canonical}, a.Meta["url_info"])

	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "submission on chain")
	s := n.chain.accepted()[0]
	require.Equal(t, samplestypes.KIND_URL, s.Kind)
	require.Equal(t, mustHash(t, hexOf(canonical)), s.Sha256)
	require.EqualValues(t, len(canonical), s.SizeBytes)
	require.Equal(t, operator(3), s.Contributor)

	polled := n.get(t, "/api/v3/analyses/"+analysis.ID)
	require.Contains(t, []any{"queued", "in-progress"}, polled.resource(t).Attributes["status"])
	require.Equal(t, map[string]any{"id": hexOf(canonical), "url": canonical}, polled.Meta["url_info"])
	require.NotContains(t, polled.Meta, "file_info")
	require.Equal(t, n.url+"/api/v3/urls/"+hexOf(canonical), polled.resource(t).Links["item"])

	n.finishURL(canonical, verdictstypes.OUTCOME_MALICIOUS,
		verdictstypes.EngineVerdict{Engine: "Lookalike", Operator: operator(1), Category: verdictstypes.CATEGORY_MALICIOUS, Label: "phishing:lookalike-of-brand.test"},
		verdictstypes.EngineVerdict{Engine: "ClamAV", Operator: operator(1), Category: verdictstypes.CATEGORY_TYPE_UNSUPPORTED})
	polled = n.get(t, "/api/v3/analyses/"+analysis.ID)
	require.Equal(t, "completed", polled.resource(t).Attributes["status"])

	for _, id := range []string{
		hexOf(canonical), base64.RawURLEncoding.EncodeToString([]byte(canonical)),
		base64.RawURLEncoding.EncodeToString([]byte("http://www.example.com/a?b=c#other")),
	} {
		report := n.get(t, "/api/v3/urls/"+id).resource(t)
		require.Equal(t, "url", report.Type)
		require.Equal(t, hexOf(canonical), report.ID)
		require.Equal(t, canonical, report.Attributes["url"])
		require.EqualValues(t, 1, report.Attributes["times_submitted"])
		require.Equal(t, map[string]any{"Lookalike": "phishing"}, report.Attributes["categories"])
		require.Equal(t, map[string]any{
			"suggested_threat_label": "phishing", "popular_threat_category": []any{map[string]any{"value": "phishing", "count": 1.0}},
		}, report.Attributes["popular_threat_classification"])
		require.EqualValues(t, 1, report.Attributes["last_analysis_stats"].(map[string]any)["malicious"])
		for _, unknown := range []string{"title", "last_final_url", "final_url", "last_http_response_code"} {
			require.NotContains(t, report.Attributes, unknown, "it was not fetched here")
		}
	}
	require.Equal(t, http.StatusNotFound, n.get(t, "/api/v3/files/"+hexOf(canonical)).Status, "a URL is no file")

	again := n.submitURL(t, canonical)
	require.Equal(t, true, again.Meta["virusmap"].(map[string]any)["known"])
	require.Equal(t, analysis.ID, again.resource(t).ID)
	again = n.postForm(t, "/urls/"+hexOf(canonical)+"/analyse", nil)
	require.Equal(t, analysis.ID, again.resource(t).ID)
	require.Len(t, n.chain.accepted(), 1)
}

func TestURLByMultipartForm(t *testing.T) {
	n := startNode(t, nil)
	body, contentType := formOf(t, field{"url", "", "hxxp://evil[.]example"})
	request, err := http.NewRequest(http.MethodPost, n.url+"/api/v3/urls", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	a := n.do(t, request)
	require.Equal(t, "http://evil.example/", a.Meta["url_info"].(map[string]any)["url"])
	require.EqualValues(t, 1, n.queued(t))
}

func TestBadURLSubmissions(t *testing.T) {
	n := startNode(t, nil)
	for says, values := range map[string]url.Values{
		"url: the form has no such field":   {"link": {"http://example.com/"}},
		"url: the form has more than one":   {"url": {"http://a.example/", "http://b.example/"}},
		"url: URL has no host":              {"url": {""}},
		"url: scheme":                       {"url": {"javascript:alert(1)"}},
		"at most 8192":                      {"url": {"http://example.com/" + strings.Repeat("a", 9000)}},
		"the form is larger than":           {"url": {strings.Repeat("a", 70_000)}},
		"contributor":                       {"url": {"http://example.com/"}, "contributor": {"nobody"}},
		"claim_salt: it needs":              {"url": {"http://example.com/"}, "claim_salt": {strings.Repeat("00", samplestypes.ClaimSaltBytes)}},
		"more than 16 fields":               {"a": make([]string, 17)},
		`"x": the field is larger than the`: {"x": {strings.Repeat("a", maxFieldBytes+1)}},
	} {
		a := n.postForm(t, "/urls", values)
		require.Equal(t, http.StatusBadRequest, a.Status, says)
		require.Contains(t, a.Err.Message, says)
	}
	for path, status := range map[string]int{
		"/urls/nonsense!":                                        http.StatusBadRequest,
		"/urls/" + strings.Repeat("a", 64):                       http.StatusNotFound,
		"/urls/aHR0cDovL25vd2hlcmUuZXhhbXBsZQ":                   http.StatusNotFound,
		"/urls/" + strings.Repeat("a", 64) + "/network_location": http.StatusNotFound,
	} {
		require.Equal(t, status, n.get(t, "/api/v3"+path).Status, path)
	}
	require.Equal(t, http.StatusNotFound, n.postForm(t, "/urls/"+strings.Repeat("a", 64)+"/analyse", nil).Status)
	require.True(t, n.vaultIsEmpty(t))
	require.Zero(t, n.queued(t))
}

// The same bytes cannot be a file and a URL: a hash has one sample.
func TestURLThatIsAFileIsRefused(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("http://example.com/")).resource(t)
	a := n.submitURL(t, "http://example.com/")
	require.Equal(t, http.StatusConflict, a.Status)
	require.Equal(t, "AlreadyExistsError", a.Err.Code)
	n.submitURL(t, "http://other.example/").resource(t)
	require.Equal(t, http.StatusConflict, n.upload(t, file("http://other.example/")).Status)
	require.Equal(t, http.StatusNotFound, n.get(t, "/api/v3/urls/"+hexOf("http://example.com/")).Status)
}

func TestFetchedFactsAreReported(t *testing.T) {
	n := startNode(t, nil)
	n.submitURL(t, "http://start.example/").resource(t)
	require.NoError(t, n.index.SaveFetched(context.Background(), [32]byte(mustHash(t, hexOf("http://start.example/"))), index.Fetched{
		FinalURL: "http://end.example/", Chain: []string{"http://start.example/"}, Status: 200, Headers: map[string]string{"Server": "x"},
		Cookies: map[string]string{"session": "1"}, Certificate: json.RawMessage(`{"thumbprint": "ab"}`), ContentSHA256: hexOf(""), Title: "Title", IP: "192.0.2.7", Time: 1_900_000_000,
	}))
	got := n.get(t, "/api/v3/urls/"+hexOf("http://start.example/")).resource(t).Attributes
	require.Equal(t, "http://end.example/", got["last_final_url"])
	require.Equal(t, "http://end.example/", got["final_url"])
	require.Equal(t, "Title", got["title"])
	require.EqualValues(t, 200, got["last_http_response_code"])
	require.EqualValues(t, 0, got["last_http_response_content_length"])
	require.Equal(t, hexOf(""), got["last_http_response_content_sha256"])
	require.Equal(t, map[string]any{"session": "1"}, got["last_http_response_cookies"])

	for path, records := range map[string]any{
		"/domains/end.example": []any{map[string]any{"type": "A", "value": "192.0.2.7"}}, "/ip_addresses/192.0.2.7": nil,
	} {
		host := n.get(t, "/api/v3"+path).resource(t).Attributes
		require.Equal(t, map[string]any{"thumbprint": "ab"}, host["last_https_certificate"], path)
		require.EqualValues(t, 1_900_000_000, host["last_https_certificate_date"], path)
		require.Equal(t, records, host["last_dns_records"], path)
	}
	start := n.get(t, "/api/v3/domains/start.example").resource(t).Attributes
	require.NotContains(t, start, "last_https_certificate", "it is of the end of the redirects")
	require.NotContains(t, start, "last_dns_records")

	resolution := n.get(t, "/api/v3/resolutions/192.0.2.7end.example").resource(t)
	require.Equal(t, map[string]any{"date": 1.9e9, "host_name": "end.example", "ip_address": "192.0.2.7"}, resolution.Attributes)
	require.Equal(t, http.StatusNotFound, n.get(t, "/api/v3/resolutions/192.0.2.8end.example").Status)
	for _, path := range []string{"/domains/end.example/resolutions", "/ip_addresses/192.0.2.7/resolutions"} {
		require.Contains(t, string(n.get(t, "/api/v3"+path).Data), `"192.0.2.7end.example"`, path)
	}
	require.Equal(t, http.StatusOK, n.get(t, "/api/v3/ip_addresses/192.0.2.7").Status, "it served something")
}

// VirusTotal's own client, unmodified.
func TestVirusTotalsGoClientScansURLs(t *testing.T) {
	n := startNode(t, nil)
	vt.SetHost(n.url)
	client := vt.NewClient(testKey)
	analysis, err := client.NewURLScanner().Scan("http://www.example.com/path")
	require.NoError(t, err)
	require.Regexp(t, `^u-[0-9a-f]{64}-\d+$`, analysis.ID())
	polled, err := client.GetObject(vt.URL("analyses/%s", analysis.ID()))
	require.NoError(t, err)
	status, err := polled.GetString("status")
	require.NoError(t, err)
	require.Equal(t, "queued", status)
	report, err := client.GetObject(vt.URL("urls/%s", base64.RawURLEncoding.EncodeToString([]byte("http://www.example.com/path"))))
	require.NoError(t, err)
	text, err := report.GetString("url")
	require.NoError(t, err)
	require.Equal(t, "http://www.example.com/path", text)
}
