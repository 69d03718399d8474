package chainproxy

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// start runs a proxy before a node that answers with the handler, and returns its URL. The
// node's RPC is below /rpc, its REST below /api.
func start(t *testing.T, node http.HandlerFunc, change func(*Config)) string {
	t.Helper()
	upstream := httptest.NewServer(node)
	t.Cleanup(upstream.Close)
	cfg := Config{
		RPC: upstream.URL + "/rpc", REST: upstream.URL + "/api", Log: slog.New(slog.DiscardHandler),
		Admit: func(http.ResponseWriter, *http.Request, int) error { return nil },
		Fail: func(w http.ResponseWriter, _ *http.Request, err error) {
			status := http.StatusInternalServerError
			var refusal *Error
			if errors.As(err, &refusal) {
				status = refusal.Status
			}
			http.Error(w, err.Error(), status)
		},
	}
	if change != nil {
		change(&cfg)
	}
	proxy, err := New(cfg)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/r", http.StripPrefix("/r", http.HandlerFunc(proxy.RPC)))
	mux.Handle("/r/", http.StripPrefix("/r", http.HandlerFunc(proxy.RPC)))
	mux.Handle("/a/", http.StripPrefix("/a", http.HandlerFunc(proxy.REST)))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func send(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(read)
}

// echo answers with what the node was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = io.WriteString(w, r.Method+" "+r.URL.RequestURI()+" "+string(body))
}

func TestPassesOn(t *testing.T) {
	url := start(t, echo, nil)
	for name, c := range map[string]struct{ method, path, body, want string }{
		"call":            {"POST", "/r", `{"jsonrpc":"2.0","id":1,"method":"status"}`, `POST /rpc {"jsonrpc":"2.0","id":1,"method":"status"}`},
		"trailing slash":  {"POST", "/r/", `{"jsonrpc":"2.0","id":"a","method":"status","params":{}}`, `POST /rpc {"jsonrpc":"2.0","id":"a","method":"status","params":{}}`},
		"batch":           {"POST", "/r", `[{"jsonrpc":"2.0","id":1,"method":"block"}]`, `POST /rpc [{"jsonrpc":"2.0","id":1,"method":"block"}]`},
		"extra fields go": {"POST", "/r", `{"jsonrpc":"2.0","id":1,"method":"status","evil":1}`, `POST /rpc {"jsonrpc":"2.0","id":1,"method":"status"}`},
		"last method counts, here and there": {
			"POST", "/r", `{"jsonrpc":"2.0","id":1,"method":"net_info","method":"status"}`, `POST /rpc {"jsonrpc":"2.0","id":1,"method":"status"}`,
		},
		"URI form":           {"GET", "/r/block?height=5", "", "GET /rpc/block?height=5 "},
		"REST":               {"GET", "/a/cosmos/bank/v1beta1/balances/vmt1x?pagination.limit=1", "", "GET /api/cosmos/bank/v1beta1/balances/vmt1x?pagination.limit=1 "},
		"own module":         {"GET", "/a/virusmap/verdicts/v1/params", "", "GET /api/virusmap/verdicts/v1/params "},
		"encoded slash":      {"GET", "/a/cosmos/bank/v1beta1/denoms_metadata/ibc%2FAB", "", "GET /api/cosmos/bank/v1beta1/denoms_metadata/ibc/AB "},
		"encoded twice":      {"GET", "/a/cosmos/x/%252e%252e/y", "", "GET /api/cosmos/x/%252e%252e/y "},
		"broadcast":          {"POST", "/a/cosmos/tx/v1beta1/txs", `{"tx_bytes":""}`, `POST /api/cosmos/tx/v1beta1/txs {"tx_bytes":""}`},
		"simulate":           {"POST", "/a/cosmos/tx/v1beta1/simulate", `{}`, `POST /api/cosmos/tx/v1beta1/simulate {}`},
		"broadcast over RPC": {"POST", "/r", `{"jsonrpc":"2.0","id":1,"method":"broadcast_tx_sync","params":{"tx":"AA=="}}`, `POST /rpc {"jsonrpc":"2.0","id":1,"method":"broadcast_tx_sync","params":{"tx":"AA=="}}`},
	} {
		t.Run(name, func(t *testing.T) {
			answer, body := send(t, c.method, url+c.path, c.body)
			require.Equal(t, http.StatusOK, answer.StatusCode, body)
			require.Equal(t, c.want, body)
		})
	}
}

func TestRefuses(t *testing.T) {
	url := start(t, func(http.ResponseWriter, *http.Request) { t.Error("the node was asked") }, nil)
	call := func(method string) string { return `{"jsonrpc":"2.0","id":1,"method":"` + method + `"}` }
	for name, c := range map[string]struct {
		method, path, body string
		status             int
	}{
		"peers":               {"POST", "/r", call("net_info"), 403},
		"unsafe method":       {"POST", "/r", call("unsafe_flush_mempool"), 403},
		"long broadcast":      {"POST", "/r", call("broadcast_tx_commit"), 403},
		"subscription":        {"POST", "/r", call("subscribe"), 403},
		"one bad in a batch":  {"POST", "/r", "[" + call("status") + "," + call("genesis") + "]", 403},
		"empty batch":         {"POST", "/r", "[]", 400},
		"large batch":         {"POST", "/r", "[" + strings.Repeat(call("status")+",", MaxBatch) + call("status") + "]", 400},
		"no JSON":             {"POST", "/r", "status", 400},
		"nothing":             {"POST", "/r", "", 400},
		"null":                {"POST", "/r", "null", 400},
		"batch of nulls":      {"POST", "/r", "[null]", 400},
		"batch in a batch":    {"POST", "/r", "[[" + call("status") + "]]", 400},
		"two values":          {"POST", "/r", call("status") + call("status"), 400},
		"old version":         {"POST", "/r", `{"jsonrpc":"1.0","id":1,"method":"status"}`, 400},
		"notification":        {"POST", "/r", `{"jsonrpc":"2.0","method":"status"}`, 400},
		"id is an object":     {"POST", "/r", `{"jsonrpc":"2.0","id":{},"method":"status"}`, 400},
		"long id":             {"POST", "/r", `{"jsonrpc":"2.0","id":"` + strings.Repeat("i", 200) + `","method":"status"}`, 400},
		"params is text":      {"POST", "/r", `{"jsonrpc":"2.0","id":1,"method":"status","params":"x"}`, 400},
		"large body":          {"POST", "/r", strings.Repeat(" ", MaxRequestBytes+1), 413},
		"posted to a method":  {"POST", "/r/status", call("status"), 404},
		"list of methods":     {"GET", "/r/", "", 404},
		"websocket":           {"GET", "/r/websocket", "", 404},
		"peers by URI":        {"GET", "/r/net_info", "", 404},
		"way up":              {"GET", "/r/status%2f..%2fnet_info", "", 404},
		"long query":          {"GET", "/r/status?x=" + strings.Repeat("x", maxURLBytes+1), "", 414},
		"deletion":            {"DELETE", "/r", "", 405},
		"REST metrics":        {"GET", "/a/metrics", "", 404},
		"REST root":           {"GET", "/a/", "", 404},
		"REST way up":         {"GET", "/a/cosmos/%2e%2e/metrics", "", 404},
		"REST other post":     {"POST", "/a/cosmos/tx/v1beta1/encode", "{}", 404},
		"REST post to a read": {"POST", "/a/cosmos/bank/v1beta1/params", "{}", 404},
		"REST large body":     {"POST", "/a/cosmos/tx/v1beta1/txs", strings.Repeat(" ", MaxRequestBytes+1), 413},
		"REST put":            {"PUT", "/a/cosmos/tx/v1beta1/txs", "{}", 405},
		"REST long query":     {"GET", "/a/cosmos/x?x=" + strings.Repeat("x", maxURLBytes), "", 414},
	} {
		t.Run(name, func(t *testing.T) {
			answer, body := send(t, c.method, url+c.path, c.body)
			require.Equal(t, c.status, answer.StatusCode, body)
		})
	}
}

func TestSwitchedOff(t *testing.T) {
	url := start(t, echo, func(cfg *Config) { cfg.RPC, cfg.REST = "", "" })
	for _, path := range []string{"/r/status", "/a/cosmos/bank/v1beta1/params"} {
		answer, _ := send(t, http.MethodGet, url+path, "")
		require.Equal(t, http.StatusNotFound, answer.StatusCode)
	}
}

func TestAddressesAreChecked(t *testing.T) {
	for name, cfg := range map[string]Config{
		"rpc":  {RPC: "ftp://node"},
		"rest": {REST: "http://user:secret@node"},
	} {
		_, err := New(cfg)
		require.ErrorContains(t, err, name)
	}
}

func TestAdmission(t *testing.T) {
	var counted []int
	url := start(t, echo, func(cfg *Config) {
		cfg.Admit = func(_ http.ResponseWriter, _ *http.Request, n int) error {
			counted = append(counted, n)
			return refuse(http.StatusTooManyRequests, "enough")
		}
	})
	call := `{"jsonrpc":"2.0","id":1,"method":"status"}`
	search := `{"jsonrpc":"2.0","id":2,"method":"tx_search"}`
	for _, c := range [][3]string{
		{"POST", "/r", "[" + call + "," + call + "]"},
		{"GET", "/r/status", ""},
		{"GET", "/a/cosmos/x", ""},
		{"POST", "/r", "[" + call + "," + search + "]"},
		{"GET", "/r/block_search", ""},
		{"GET", "/a/cosmos/tx/v1beta1/txs", ""},
		{"POST", "/a/cosmos/tx/v1beta1/txs", "{}"},
		{"GET", "/a/cosmos/tx/v1beta1/txs/AB", ""},
	} {
		answer, _ := send(t, c[0], url+c[1], c[2])
		require.Equal(t, http.StatusTooManyRequests, answer.StatusCode)
	}
	require.Equal(t, []int{2, 1, 1, 1 + searchWeight, searchWeight, searchWeight, 1, 1}, counted, "every call of a batch counts, and searches more")
}
