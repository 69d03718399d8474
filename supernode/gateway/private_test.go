package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/private"
	"github.com/virusmap/virusmap/supernode/scanner"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	marker     = "top-secret-merger-of-two-companies"
	markerName = "board-minutes-of-the-merger.pdf"
)

// privateNode is a gateway whose engine finds the marker.
type privateNode struct {
	*feedNode
	store *private.Store
	scans atomic.Int64
	down  atomic.Bool
	said  lockedBuffer // by the gateway's log
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func startPrivateNode(t *testing.T, change func(*Config)) *privateNode {
	t.Helper()
	p := &privateNode{}
	identity, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	p.feedNode = startFeedNode(t, change)
	p.store, err = private.Open(filepath.Join(p.dir, "private"), identity)
	require.NoError(t, err)
	p.deps.Private, p.deps.ScanPrivate = p.store, p.scan
	p.Gateway.log = slog.New(slog.NewTextHandler(&p.said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return p
}

func (p *privateNode) scan(_ context.Context, from io.Reader, size int64) ([]scanner.Finding, error) {
	p.scans.Add(1)
	if p.down.Load() {
		return nil, errors.New("the scanner does not run now")
	}
	content, err := io.ReadAll(from)
	if err != nil || int64(len(content)) != size {
		return nil, errors.Join(err, errors.New("short"))
	}
	verdict := engine.Verdict{Category: verdictstypes.CATEGORY_UNDETECTED}
	if strings.Contains(string(content), marker) {
		verdict = engine.Verdict{Category: verdictstypes.CATEGORY_SUSPICIOUS, Label: "Trojan.Marker", Confidence: 9}
	}
	return []scanner.Finding{{Info: engine.Info{Name: "finder", Version: "1.2", Method: "rules"}, Verdict: verdict}}, nil
}

// scanning runs the scans of the private lane until the test ends.
func (p *privateNode) scanning(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.ScanPrivate(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

func (p *privateNode) uploadPrivate(t *testing.T, key, content string, more ...field) answer {
	t.Helper()
	body, contentType := formOf(t, append(more, field{"file", markerName, content})...)
	request, err := http.NewRequest(http.MethodPost, p.url+"/api/v3/private/files", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("X-Apikey", key)
	return p.do(t, request)
}

// analysed waits for an analysis and gives its attributes.
func (p *privateNode) analysed(t *testing.T, key, id string) (attributes map[string]any) {
	t.Helper()
	eventually(t, func() bool {
		attributes = p.getAs(t, key, "/api/v3/private/analyses/"+id).resource(t).Attributes
		return attributes["status"] == "completed"
	}, "scanned")
	return attributes
}

func TestPrivateFileIsSeenByItsOwnerAlone(t *testing.T) {
	p := startPrivateNode(t, nil)
	p.scanning(t)
	content := "header " + marker
	path := "/api/v3/private/files/" + hexOf(content)
	uploaded := p.uploadPrivate(t, testKey, content)
	analysis := uploaded.resource(t)
	require.Equal(t, "private_analysis", analysis.Type)
	require.Empty(t, uploaded.Meta["virusmap"].(map[string]any)["token"], "the key is the owner")

	attributes := p.analysed(t, testKey, analysis.ID)
	finding := attributes["results"].(map[string]any)["finder"].(map[string]any)
	require.Equal(t, "suspicious", finding["category"])
	require.Equal(t, "Trojan.Marker", finding["result"])
	require.Equal(t, "rules", finding["method"], "nothing of it is attested")
	require.EqualValues(t, 1, attributes["stats"].(map[string]any)["suspicious"])

	found := p.getAs(t, testKey, path).resource(t)
	require.Equal(t, "private_file", found.Type)
	require.Equal(t, markerName, found.Attributes["meaningful_name"])
	require.NotNil(t, found.Attributes["last_analysis_results"])
	require.Equal(t, "trojan.marker", found.Attributes["popular_threat_classification"].(map[string]any)["suggested_threat_label"])
	list := p.getAs(t, testKey, "/api/v3/private/files")
	require.Contains(t, string(list.Data), hexOf(content))
	require.Contains(t, string(p.getAs(t, testKey, "/api/v3/private/analyses").Data), analysis.ID)

	for _, other := range []string{path, "/api/v3/private/analyses/" + analysis.ID} {
		a := p.getAs(t, otherKey, other)
		require.Equal(t, 404, a.Status)
		require.NotContains(t, string(a.Raw), marker)
	}
	require.JSONEq(t, "[]", string(p.getAs(t, otherKey, "/api/v3/private/files").Data))
	require.Equal(t, 404, p.send(t, http.MethodDelete, path, otherKey).Status)
	require.Equal(t, 404, p.send(t, http.MethodPost, path+"/analyse", otherKey).Status)

	again := p.send(t, http.MethodPost, path+"/analyse", testKey).resource(t)
	require.NotEqual(t, analysis.ID, again.ID)
	p.analysed(t, testKey, again.ID)

	require.Equal(t, 200, p.send(t, http.MethodDelete, path, testKey).Status)
	for _, gone := range []string{path, "/api/v3/private/analyses/" + analysis.ID, "/api/v3/private/analyses/" + again.ID} {
		require.Equal(t, 404, p.getAs(t, testKey, gone).Status)
	}
	contents, err := p.store.Older(time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, contents)
}

func TestPrivateFileIsDroppedInTime(t *testing.T) {
	p := startPrivateNode(t, func(cfg *Config) { cfg.Private.RetentionDays = 2 })
	p.uploadPrivate(t, testKey, "content").resource(t)
	path := "/api/v3/private/files/" + hexOf("content")
	p.clock.set(p.clock.Now().Add(47 * time.Hour))
	require.NoError(t, p.tidy(context.Background()))
	require.Equal(t, 200, p.getAs(t, testKey, path).Status)
	p.clock.set(p.clock.Now().Add(time.Hour))
	require.Equal(t, 404, p.getAs(t, testKey, path).Status, "at once, whenever it is tidied up")
	require.JSONEq(t, "[]", string(p.getAs(t, testKey, "/api/v3/private/files").Data))
	require.NoError(t, p.tidy(context.Background()))
	contents, err := p.store.Older(time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, contents)
}

// An upload without a key gets a token that is its owner from then on.
func TestPrivateTokenStandsForAKey(t *testing.T) {
	p := startPrivateNode(t, nil)
	mux := newRouteTable()
	p.privateRoutes(mux, uiBase)
	p.url = serveMux(t, mux.ServeMux)
	send := func(method, path, token string) answer {
		body, contentType := formOf(t, file("content"))
		request, err := http.NewRequest(method, p.url+"/ui/private"+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", contentType)
		if token != "" {
			request.Header.Set(privateHeader, token)
		}
		return p.do(t, request)
	}
	first := send(http.MethodPost, "/files", "")
	require.True(t, strings.HasPrefix(first.resource(t).Links["self"], p.url+"/ui/private/analyses/"))
	token := first.Meta["virusmap"].(map[string]any)["token"].(string)
	require.Len(t, token, 32)
	require.Equal(t, 200, send(http.MethodGet, "/files/"+hexOf("content"), token).Status)
	require.Equal(t, 404, send(http.MethodGet, "/files/"+hexOf("content"), strings.Repeat("0", 32)).Status)
	for _, wrong := range []string{"", "abc", strings.ToUpper(token) + "Z"} {
		require.Equal(t, 401, send(http.MethodGet, "/files/"+hexOf("content"), wrong).Status)
	}
	require.Empty(t, send(http.MethodPost, "/files", token).Meta["virusmap"].(map[string]any)["token"], "told once")
	require.Equal(t, 200, send(http.MethodDelete, "/files/"+hexOf("content"), token).Status)
}

// Whoever waits for a private scan is not stopped in the middle, as with a public one.
func TestPollingAPrivateScanIsFree(t *testing.T) {
	for path, want := range map[string]cost{
		"/ui/private/analyses/a": costNothing,
		"/ui/private/files/a":    costLookup,
		"/ui/private/analyses":   costLookup,
	} {
		require.Equal(t, want, costOf(httptest.NewRequest(http.MethodGet, path, nil)), path)
	}
	require.Equal(t, costUpload, costOf(httptest.NewRequest(http.MethodPost, "/ui/private/files", nil)))
}

func TestPrivateUploadsAreChecked(t *testing.T) {
	p := startPrivateNode(t, func(cfg *Config) { cfg.Private.MaxBytes, cfg.Private.MaxFiles = 100, 2 })
	for want, a := range map[string]answer{
		"larger than the limit of 100": p.uploadPrivate(t, testKey, strings.Repeat("a", 101)),
		"file: it is empty":            p.uploadPrivate(t, testKey, ""),
		"contributor":                  p.uploadPrivate(t, testKey, "a", field{key: "contributor", value: operator(1)}),
		"password":                     p.uploadPrivate(t, testKey, "a", field{key: "password", value: "infected"}),
		"more than one":                p.uploadPrivate(t, testKey, "a", file("b")),
	} {
		require.GreaterOrEqual(t, a.Status, 400)
		require.Contains(t, a.Err.Message, want)
	}
	for _, content := range []string{"a", "b", "a"} {
		p.uploadPrivate(t, testKey, content).resource(t)
	}
	a := p.uploadPrivate(t, testKey, "c")
	require.Equal(t, 429, a.Status)
	require.Equal(t, "QuotaExceededError", a.Err.Code)
	contents, err := p.store.Older(time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Len(t, contents, 2, "nothing of what was refused remains")
	require.Equal(t, 400, p.getAs(t, testKey, "/api/v3/private/files/abc").Status)
}

func TestPrivateLaneNamesWhatItNeeds(t *testing.T) {
	n := startNode(t, nil)
	a := n.get(t, "/api/v3/private/files")
	require.Equal(t, 503, a.Status)
	require.Contains(t, a.Err.Message, "scanner role")
	require.False(t, n.PrivateLane())
	p := startPrivateNode(t, func(cfg *Config) { cfg.Private.Enabled = false })
	a = p.getAs(t, testKey, "/api/v3/private/files")
	require.Equal(t, 503, a.Status)
	require.Contains(t, a.Err.Message, "gateway.private.enabled")
}

// A scan waits for a scanner that is being started, and for a gateway that crashed between
// index and queue.
func TestPrivateScanIsDoneInTheEnd(t *testing.T) {
	p := startPrivateNode(t, nil)
	p.down.Store(true)
	id := p.uploadPrivate(t, testKey, marker).resource(t).ID
	p.scanning(t)
	eventually(t, func() bool { return p.scans.Load() > 0 }, "tried")
	require.Equal(t, "queued", p.getAs(t, testKey, "/api/v3/private/analyses/"+id).resource(t).Attributes["status"])
	p.down.Store(false)
	p.analysed(t, testKey, id)
}
