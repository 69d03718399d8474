package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/feeds/feedstest"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/queue"
	"github.com/virusmap/virusmap/supernode/vault"
)

const (
	testKey  = "test-key-0123456789"
	otherKey = "other-key-0123456789"
)

// node is a gateway with a real vault, queue and index in dir, before a scripted chain.
type node struct {
	*Gateway
	dir    string
	chain  *scriptedChain
	market *feedstest.Chain
	vault  *vault.Vault
	queue  *queue.Queue
	index  *index.Index
	client *http.Client
	url    string
	stop   func() // closes everything, once
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func startNode(t testing.TB, change func(*Config, *Deps)) *node {
	t.Helper()
	return startNodeAt(t, t.TempDir(), newScriptedChain(), change)
}

func startNodeAt(t testing.TB, dir string, chain *scriptedChain, change func(*Config, *Deps)) *node {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	n := &node{dir: dir, chain: chain, market: feedstest.New()}
	n.client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	var err error
	n.vault, err = vault.Open(ctx, vault.Config{Dir: filepath.Join(dir, "vault"), Offline: true})
	require.NoError(t, err)
	n.queue, err = queue.Open(ctx, queue.Config{Dir: filepath.Join(dir, "queue"), Log: quiet()})
	require.NoError(t, err)
	n.index, err = index.Open(ctx, index.Config{Path: filepath.Join(dir, "index.db")})
	require.NoError(t, err)

	cfg := DefaultConfig()
	cfg.ChainID = "virusmap-test-1"
	cfg.APIKeys = []string{testKey, otherKey}
	cfg.MaxFileBytes = 1 << 20
	cfg.ReportMaxAge = 0
	deps := Deps{
		Chain: chain, Samples: chain, Verdicts: chain, Supernodes: chain, Market: n.market,
		Vault: n.vault, Queue: n.queue, Index: n.index, ClaimSecret: bytes.Repeat([]byte{5}, ClaimSecretBytes),
		FileType: func(head []byte) string {
			if bytes.HasPrefix(head, []byte("\x7fELF")) {
				return "elf"
			}
			return "unknown"
		},
		Metrics: prometheus.NewRegistry(),
		Log:     quiet(),
	}
	if change != nil {
		change(&cfg, &deps)
	}
	n.Gateway, err = New(cfg, deps)
	require.NoError(t, err)
	n.submitWait, n.sightingsWait = 20*time.Millisecond, 20*time.Millisecond

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx, listener) }()

	stopped := false
	n.stop = func() {
		if stopped {
			return
		}
		stopped = true
		n.client.CloseIdleConnections() // the server would wait for those that were never used
		cancel()
		require.NoError(t, <-served)
		require.NoError(t, n.queue.Close())
		require.NoError(t, n.index.Close())
		require.NoError(t, n.vault.Close())
	}
	t.Cleanup(n.stop)
	return n
}

// submitting runs the submitter until the test ends.
func (n *node) submitting(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Submit(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// answer is a response as a client sees it.
type answer struct {
	Status int
	Header http.Header
	Raw    []byte
	// uncompressed tells that the body came compressed, as Go's client asks for it.
	uncompressed bool
	Data         json.RawMessage `json:"data"`
	Meta         map[string]any  `json:"meta"`
	Err          struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

type resource struct {
	Type       string            `json:"type"`
	ID         string            `json:"id"`
	Links      map[string]string `json:"links"`
	Attributes map[string]any    `json:"attributes"`
}

func (a answer) resource(t *testing.T) resource {
	t.Helper()
	require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
	var r resource
	require.NoError(t, json.Unmarshal(a.Data, &r))
	return r
}

func (n *node) do(t testing.TB, request *http.Request) answer {
	t.Helper()
	if _, set := request.Header["X-Apikey"]; !set {
		request.Header.Set("X-Apikey", testKey)
	}
	response, err := n.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	a := answer{Status: response.StatusCode, Header: response.Header, uncompressed: response.Uncompressed}
	a.Raw, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	if len(a.Raw) > 0 && strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") && response.Header.Get("Content-Encoding") == "" {
		require.NoError(t, json.Unmarshal(a.Raw, &a))
	}
	return a
}

func (n *node) get(t *testing.T, path string) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, n.url+path, nil)
	require.NoError(t, err)
	return n.do(t, request)
}

// field is one part of a form; a part with a name is a file.
type field struct {
	key, fileName, value string
}

func file(content string) field { return field{"file", "sample.bin", content} }

// formOf builds a multipart body and its content type.
func formOf(t *testing.T, fields ...field) (string, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		var part io.Writer
		var err error
		if f.fileName != "" {
			part, err = w.CreateFormFile(f.key, f.fileName)
		} else {
			part, err = w.CreateFormField(f.key)
		}
		require.NoError(t, err)
		_, err = io.WriteString(part, f.value)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return body.String(), w.FormDataContentType()
}

func (n *node) upload(t *testing.T, fields ...field) answer {
	t.Helper()
	body, contentType := formOf(t, fields...)
	request, err := http.NewRequest(http.MethodPost, n.url+"/api/v3/files", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	return n.do(t, request)
}

// vaultIsEmpty tells whether no ciphertext is left in the vault.
func (n *node) vaultIsEmpty(t testing.TB) bool {
	t.Helper()
	blocks, err := filepath.Glob(filepath.Join(n.dir, "vault", "blocks", "*", "*.data"))
	require.NoError(t, err)
	return len(blocks) == 0
}

func (n *node) queued(t *testing.T) uint64 {
	t.Helper()
	var all uint64
	for _, lane := range DefaultConfig().Channels.lanes() {
		depth, err := n.queue.Depth(context.Background(), lane.Subject)
		require.NoError(t, err)
		all += depth
	}
	return all
}

func countOf(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	require.NoError(t, c.Write(&m))
	return m.GetCounter().GetValue()
}

func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, 30*time.Second, 20*time.Millisecond, what)
}

func mustJSON(t testing.TB, value any) []byte {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	return encoded
}

func newRegistry() *prometheus.Registry { return prometheus.NewRegistry() }

// recorded is the answer of a gateway that does not listen.
func recorded(g *Gateway, path string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("X-Apikey", testKey)
	answer := httptest.NewRecorder()
	g.Handler().ServeHTTP(answer, request)
	return answer
}
