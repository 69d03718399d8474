package gateway

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// native asks the REST of the native API without a key and reads its answer.
func (n *node) native(t *testing.T, path string, into proto.Message) {
	t.Helper()
	a := n.anonymously(t, http.MethodGet, "/virusmap/node/v1/"+path, "")
	require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
	require.NoError(t, protojson.Unmarshal(a.Raw, into))
}

func TestNativeInfo(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) {
		cfg.Operator, cfg.GasPrice, cfg.FetchEngine = operator(1), "0.025uvmt", true
	})
	n.chain.set(func() { n.chain.monikers[operator(1)] = "first" })
	a := n.anonymously(t, "GET", "/virusmap/node/v1/info", "", "Origin", "https://wallet.example", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
	require.Equal(t, "*", a.Header.Get("Access-Control-Allow-Origin"), "wallets may ask from anywhere")
	require.Empty(t, a.Header.Get("Access-Control-Allow-Credentials"))
	var info map[string]any
	require.NoError(t, json.Unmarshal(a.Raw, &info))
	text := info["consent"].(map[string]any)["text"].(map[string]any)
	require.NotEmpty(t, text["en"])
	require.NotEmpty(t, text["zh"])
	delete(info, "version")
	delete(info, "consent")
	require.Equal(t, map[string]any{
		"chain_id": "virusmap-test-1", "bech32_prefix": "vmt", "denom": "uvmt", "display_denom": "VMT", "decimals": 6.0,
		"moniker": "first", "operator": operator(1),
		"limits":       map[string]any{"max_file_bytes": "1048576", "anonymous_requests_per_minute": "60", "anonymous_uploads_per_minute": "4"},
		"private_lane": false, "fetch_engine": true, "gas_price": "0.025uvmt",
		"trust": map[string]any{"height": "40", "hash": strings.Repeat("AB", 32), "period_seconds": "1209600"},
	}, info)

	n = startNode(t, nil)
	n.chain.set(func() { n.chain.away = true })
	var alone nodev1.InfoResponse
	n.native(t, "info", &alone)
	require.Nil(t, alone.Trust, "what is not known is absent")
	require.Nil(t, alone.Moniker)
	require.Nil(t, alone.Operator)
	require.EqualValues(t, 1<<20, alone.Limits.MaxFileBytes)
}

// report gives the sample "content" two finished rounds, of which a second engine saw one.
func (n *node) report() {
	label := verdictstypes.EngineVerdict{
		Engine: "yara", Operator: operator(1), Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "test:eicar",
		Version: "4.5.4", SignatureTime: 1_900_000_000, SignatureDigest: bytes.Repeat([]byte{1}, 32),
	}
	n.chain.finish("content", 1, verdictstypes.OUTCOME_UNDETERMINED, label)
	n.chain.finish("content", 2, verdictstypes.OUTCOME_MALICIOUS, label,
		verdictstypes.EngineVerdict{Engine: "clamd", Operator: operator(2), Category: verdictstypes.CATEGORY_UNDETECTED})
}

func TestNativeReport(t *testing.T) {
	n := startNode(t, nil)
	n.report()
	id := hexOf("content")
	var report nodev1.Report
	n.native(t, "reports/"+strings.ToUpper(id), &report)
	require.Equal(t, id, report.Sample.Sha256)
	require.Equal(t, "final", report.Sample.GetStatus())
	require.EqualValues(t, 7, report.Sample.GetSize())
	require.Equal(t, "elf", report.Sample.GetFileType())
	require.Nil(t, report.Sample.Md5, "nobody has told this node")
	require.Equal(t, "malicious", report.GetOutcome())
	require.EqualValues(t, 2, report.Round.Number)
	require.Equal(t, "final", report.Round.Status)
	require.EqualValues(t, 1_900_000_100, report.Round.GetFinalTime())
	require.EqualValues(t, 41, report.Provenance.GetHeight())
	require.Equal(t, "virusmap-test-1", report.Provenance.ChainId)
	require.EqualValues(t, 1, report.Stats["malicious"])
	require.Len(t, report.Stats, 8)
	require.Len(t, report.Verdicts, 2)
	clamd, yara := report.Verdicts[0], report.Verdicts[1]
	require.Equal(t, "undetected", clamd.Category)
	require.Nil(t, clamd.Label)
	require.Nil(t, clamd.SignatureDate)
	require.Equal(t, "test:eicar", yara.GetLabel())
	require.Equal(t, "20300317", yara.GetSignatureDate())
	require.EqualValues(t, 15, yara.Confidence)
	require.Equal(t, operator(1), yara.Operator)

	var first nodev1.Report
	n.native(t, "reports/"+id+"?round=1", &first)
	require.Equal(t, "undetermined", first.GetOutcome())
	require.Len(t, first.Verdicts, 1)

	n.page(t, "content").resource(t)
	var seen nodev1.Report
	n.native(t, "reports/"+id, &seen)
	require.Len(t, seen.Sample.GetMd5(), 32)
	n.native(t, "reports/"+seen.Sample.GetMd5(), &seen)
	require.Equal(t, id, seen.Sample.Sha256)
}

func TestNativeHistory(t *testing.T) {
	n := startNode(t, nil)
	n.report()
	var all, first, second nodev1.History
	path := "reports/" + hexOf("content") + "/history"
	n.native(t, path, &all)
	require.Len(t, all.Entries, 2)
	require.Equal(t, "undetermined", all.Entries[0].Outcome)
	require.Empty(t, all.NextPageToken)
	n.native(t, path+"?page_size=1", &first)
	n.native(t, path+"?page_size=1&page_token="+first.NextPageToken, &second)
	require.EqualValues(t, 1, first.Entries[0].Round)
	require.EqualValues(t, 2, second.Entries[0].Round)
	require.Empty(t, second.NextPageToken)
}

func TestNativeSearch(t *testing.T) {
	n := startNode(t, nil)
	n.report()
	for query, results := range map[string]int{
		hexOf("content"):              1,
		"%20" + hexOf("content"):      1,
		strings.Repeat("0", 64):       0,
		strings.Repeat("0", 32):       0,
		"https%3A%2F%2Fexample.com":   0,
		"HTTP%3A%2F%2FExample.COM%3A": 0,
	} {
		var found nodev1.SearchResponse
		n.native(t, "search?query="+query, &found)
		require.Len(t, found.Results, results, query)
		if results == 1 {
			require.Equal(t, "malicious", found.Results[0].GetOutcome())
		}
	}
}

func TestNativeLists(t *testing.T) {
	n := startNode(t, nil)
	var engines, none nodev1.ListEnginesResponse
	n.native(t, "engines", &engines)
	require.Equal(t, "yara", engines.Engines[0].Name)
	n.native(t, "engines?operator="+operator(2), &none)
	require.Empty(t, none.Engines)

	n.page(t, "content").resource(t)
	n.upload(t, file("by key")).resource(t)
	var queue nodev1.Queue
	n.native(t, "queue", &queue)
	require.EqualValues(t, 2, queue.Depth)
	depths := map[string]uint64{}
	for _, c := range queue.Channels {
		depths[c.Channel] = c.Depth
	}
	require.Equal(t, map[string]uint64{"web": 1, "wallet": 0, "mobile": 0, "extension": 0, "api": 1, "feed": 0}, depths)

	var statistics nodev1.StatisticsResponse
	n.native(t, "statistics?days=7", &statistics)
	require.NotNil(t, statistics.Totals)
}

func TestNativeErrors(t *testing.T) {
	n := startNode(t, nil)
	for path, want := range map[string]struct {
		status  int
		code    string
		message string
	}{
		"reports/nothex":                                 {400, "InvalidArgumentError", "id"},
		"reports/" + hexOf("nobody"):                     {404, "NotFoundError", "not found"},
		"reports/" + strings.Repeat("0", 40):             {404, "NotFoundError", "not found"},
		"reports/" + hexOf("x") + "?round=7":             {404, "NotFoundError", "round 7"},
		"reports/" + hexOf("x") + "?round=-1":            {400, "BadRequestError", "round"},
		"reports/x/history?page_size=101":                {400, "InvalidArgumentError", "id"},
		"engines?page_size=101":                          {400, "InvalidArgumentError", "page_size"},
		"engines?page_token=%2B":                         {400, "InvalidArgumentError", "page_token"},
		"engines?page_token=" + strings.Repeat("A", 600): {400, "InvalidArgumentError", "page_token"},
		"engines?operator=x":                             {400, "InvalidArgumentError", "operator"},
		"statistics?days=367":                            {400, "InvalidArgumentError", "days"},
		"search?query=":                                  {400, "InvalidArgumentError", "query"},
		"search?query=two%20words":                       {400, "InvalidArgumentError", "neither a hash nor a URL"},
		"search?query=" + strings.Repeat("a", 8193):      {400, "InvalidArgumentError", "query"},
		"analyses/none":                                  {404, "NotFoundError", "Analysis"},
		"analyses/none/watch":                            {404, "NotFoundError", "Analysis"},
		"analyses/" + strings.Repeat("a", 200):           {404, "NotFoundError", "Analysis"},
		"nothing":                                        {404, "NotFoundError", "Resource"},
	} {
		a := n.anonymously(t, http.MethodGet, "/virusmap/node/v1/"+path, "")
		require.Equal(t, want.status, a.Status, path+string(a.Raw))
		require.Equal(t, want.code, a.Err.Code, path)
		require.Contains(t, a.Err.Message, want.message, path)
	}
	for method, path := range map[string]string{"POST": "engines", "PUT": "info", "DELETE": "queue"} {
		require.Equal(t, 404, n.anonymously(t, method, "/virusmap/node/v1/"+path, "{}").Status, path)
	}
}

func TestNativeAdmission(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) {
		cfg.AnonymousRequestsPerMinute, cfg.RequestsPerMinute = 1, 2
	})
	status := func(headers ...string) int {
		return n.anonymously(t, http.MethodGet, "/virusmap/node/v1/engines", "", headers...).Status
	}
	require.Equal(t, 403, status("Sec-Fetch-Site", "cross-site"))
	require.Equal(t, 200, status())
	require.Equal(t, 429, status())
	require.Equal(t, 200, status("X-Apikey", testKey))
	require.Equal(t, 200, status("X-Apikey", testKey, "Sec-Fetch-Site", "cross-site"), "no page of another site knows a key")
	require.Equal(t, 429, status("X-Apikey", testKey))
	require.Equal(t, 401, status("X-Apikey", "wrong"))
	require.Equal(t, 401, status("X-Apikey", strings.Repeat("w", 40)))
	for range 3 {
		require.Equal(t, 200, n.anonymously(t, http.MethodGet, "/virusmap/node/v1/info", "").Status, "the same for all, so free")
	}
}
