package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/address"

	"github.com/virusmap/virusmap/supernode/receipt"
)

const testKey = "0123456789abcdef-key"

// gateway speaks the VirusTotal v3 API over real HTTP and insists on its rules.
type gateway struct {
	*httptest.Server
	t *testing.T

	mu sync.Mutex
	// known files by SHA-256, with the JSON of their virusmap attribute.
	known   map[string]string
	uploads []upload
	// intercept may answer a request instead; it tells whether it did.
	intercept func(w http.ResponseWriter, r *http.Request) bool
	// steps are the virusmap attributes that an analysis has, one poll after the other.
	steps []string
	// promise makes the receipt of an upload, nil when the host signs none.
	promise func(received upload) receipt.Receipt
	// document is the whole answer for a file, instead of one made from known.
	document []byte
}

type upload struct {
	name, contributor, claimSalt string
	content                      []byte
	path, channel                string
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{t: t, known: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v3/files/upload_url", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, fmt.Sprintf(`{"data":"%s/large/upload"}`, g.URL))
	})
	mux.HandleFunc("POST /api/v3/files", g.postFile)
	mux.HandleFunc("POST /large/upload", g.postFile)
	mux.HandleFunc("GET /api/v3/files/{hash}", g.getFile)
	mux.HandleFunc("GET /api/v3/analyses/{id}", g.getAnalysis)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.intercept != nil && g.intercept(w, r) {
			return
		}
		if r.Header.Get("X-Apikey") != testKey {
			answer(w, http.StatusUnauthorized, `{"error":{"code":"WrongCredentialsError","message":"Wrong API key"}}`)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (g *gateway) postFile(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != -1 || !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data; boundary=") {
		answer(w, http.StatusBadRequest, `{"error":{"code":"BadRequestError","message":"want a chunked multipart form"}}`)
		return
	}
	reader, err := r.MultipartReader()
	if err != nil {
		answer(w, http.StatusBadRequest, `{"error":{"code":"BadRequestError","message":"no form"}}`)
		return
	}
	received := upload{path: r.URL.Path, channel: r.Header.Get("X-Virusmap-Channel")}
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			answer(w, http.StatusBadRequest, `{"error":{"code":"BadRequestError","message":"broken form"}}`)
			return
		}
		value, err := io.ReadAll(part)
		if err != nil {
			answer(w, http.StatusBadRequest, `{"error":{"code":"BadRequestError","message":"broken part"}}`)
			return
		}
		switch part.FormName() {
		case "file":
			received.name, received.content = part.FileName(), value
		case "contributor":
			received.contributor = string(value)
		case "claim_salt":
			received.claimSalt = string(value)
		}
	}
	hash := sha256Of(received.content)
	g.mu.Lock()
	g.uploads = append(g.uploads, received)
	g.known[hash] = `{"chain_id":"virusmap-test-1"}`
	g.mu.Unlock()
	promise := "null"
	if g.promise != nil {
		encoded, err := json.Marshal(g.promise(received))
		require.NoError(g.t, err)
		promise = string(encoded)
	}
	answer(w, http.StatusOK, fmt.Sprintf(
		`{"data":{"type":"analysis","id":"analysis==","links":{"self":"%s/api/v3/analyses/analysis=="}},"meta":{"file_info":{"sha256":"%s"},"virusmap":{"receipt":%s}}}`,
		g.URL, hash, promise))
}

func (g *gateway) getFile(w http.ResponseWriter, r *http.Request) {
	hash := r.PathValue("hash")
	g.mu.Lock()
	defer g.mu.Unlock()
	chain, ok := g.known[hash]
	switch {
	case g.document != nil:
		answer(w, http.StatusOK, string(g.document))
	case !ok:
		answer(w, http.StatusNotFound, fmt.Sprintf(`{"error":{"code":"NotFoundError","message":"File \"%s\" not found"}}`, hash))
	default:
		if len(g.steps) > 0 {
			chain, g.steps = g.steps[0], g.steps[1:]
			g.known[hash] = chain
		}
		answer(w, http.StatusOK, fmt.Sprintf(
			`{"data":{"type":"file","id":"%s","links":{"self":"x"},"attributes":{"sha256":"%s","size":3,"last_analysis_stats":{"malicious":2,"suspicious":1,"undetected":1},"virusmap":%s}}}`, hash, hash, chain))
	}
}

func (g *gateway) getAnalysis(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("id") != "analysis==" {
		answer(w, http.StatusNotFound, `{"error":{"code":"NotFoundError","message":"Analysis not found"}}`)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	step := `{"chain_id":"virusmap-test-1"}`
	if len(g.steps) > 0 {
		step, g.steps = g.steps[0], g.steps[1:]
	}
	status, meta := "queued", `{"submission":"on-chain"}`
	if reason, refused := strings.CutPrefix(step, "refused: "); refused {
		step, meta = `{"chain_id":"virusmap-test-1"}`, fmt.Sprintf(`{"submission":"refused","reason":%q}`, reason)
	}
	if strings.Contains(step, "outcome") {
		status = "completed"
	}
	answer(w, http.StatusOK, fmt.Sprintf(
		`{"data":{"type":"analysis","id":"analysis==","links":{"self":"x"},"attributes":{"status":"%s","date":1,"stats":{"malicious":2,"suspicious":1,"undetected":1},"results":{},"virusmap":%s}},"meta":{"virusmap":%s}}`,
		status, step, meta))
}

// final is the virusmap attribute of a finished analysis.
const final = `{"chain_id":"virusmap-test-1","round":7,"outcome":"malicious","height":9,"round_status":"final","seats":2,"attestations":2}`

// run runs the tool as its user does, with the gateway's host and key.
func (g *gateway) run(arguments ...string) (code int, stdout, stderr string) {
	g.t.Helper()
	return run(g.t, g.t.Context(), append([]string{"--host", g.URL, "--api-key", testKey}, arguments...)...)
}

func run(t *testing.T, ctx context.Context, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	if !strings.Contains(strings.Join(arguments, " "), "--home") {
		arguments = append([]string{"--home", t.TempDir()}, arguments...)
	}
	var out, err bytes.Buffer
	code = Main(ctx, arguments, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// account is an account address.
func account(t *testing.T) string {
	t.Helper()
	address, err := address.NewBech32Codec("vmt").BytesToString(make([]byte, 20))
	require.NoError(t, err)
	return address
}

func sha256Of(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// lines decodes NDJSON.
func lines(t *testing.T, output string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(output) {
		var value map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &value), line)
		all = append(all, value)
	}
	return all
}
