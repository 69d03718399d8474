package system

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Clients that send their headers drop by drop are hung up on, and cost the others nothing.
func TestSlowHeaders(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	ended := make(chan error, 32)
	for range cap(ended) {
		conn := dial(t, supernode)
		require.NoError(t, conn.SetDeadline(time.Now().Add(patience))) // so that it is the server that hangs up
		go func() {
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "GET /api/v3/files/x HTTP/1.1\r\nHost: localhost\r\n")
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(conn, "X-%d: y\r\n", i); err != nil {
					ended <- err
					return
				}
				time.Sleep(200 * time.Millisecond)
			}
		}()
	}
	w.submit(t, sample(t, "meanwhile.txt", freshText("while others are slow")))
	for range cap(ended) {
		require.NotErrorIs(t, <-ended, os.ErrDeadlineExceeded, "a slow client is still connected")
	}
}

func TestOversizedHeaders(t *testing.T) {
	w := sharedWorld(t)
	head := "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Large: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"
	conn := dial(t, w.Supernodes[0])
	defer func() { _ = conn.Close() }()
	go func() { _, _ = io.WriteString(conn, head) }()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil { // else it hung up before all was sent
		_ = answer.Body.Close()
		require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, answer.StatusCode)
	}
	w.requireHealthy(t)
}

// A name is text: its folders are dropped, its markup is never interpreted.
func TestNamesAreText(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	for name, kept := range map[string]string{
		"../../../etc/passwd":                           "passwd",
		`C:\Windows\System32\evil.exe`:                  "evil.exe",
		"<img src=x onerror=alert(1)>.txt":              "<img src=x onerror=alert(1)>.txt",
		"%2e%2e%2f%2e%2e%2fsecret":                      "%2e%2e%2f%2e%2e%2fsecret",
		"a\u202etxt.exe":                                "",
		strings.Repeat("very-long-", 60) + ".bin":       "",
		"javascript:alert(document.domain)//report.pdf": "report.pdf",
	} {
		content := freshText("a file with a bad name")
		request := upload(supernode, strings.ReplaceAll(name, `"`, `\"`), string(content))
		require.Contains(t, exchange(t, supernode, request, false), "200 OK", name)
		response := w.get(t, "/api/v3/files/"+hashOf(content))
		require.Equal(t, "application/json; charset=utf-8", response.header.Get("Content-Type"))
		require.Equal(t, "nosniff", response.header.Get("X-Content-Type-Options"))
		require.NotContains(t, response.body, "<img", "markup is escaped in JSON")
		var report struct {
			Data struct {
				Attributes struct {
					Names []string `json:"names"`
				} `json:"attributes"`
			} `json:"data"`
		}
		require.NoError(t, json.Unmarshal([]byte(response.body), &report))
		for _, told := range report.Data.Attributes.Names {
			require.LessOrEqual(t, len(told), 255)
			require.NotContains(t, told, "\u202e")
			require.NotContains(t, told, "../")
			if kept != "" {
				require.Equal(t, kept, told)
			}
		}
	}
}

// Another site can make a browser send requests here, but they do nothing.
func TestForeignSitesAreRefused(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	for name, headers := range map[string]string{
		"fetch metadata": "Sec-Fetch-Site: cross-site\r\n",
		"same site":      "Sec-Fetch-Site: same-site\r\n",
		"foreign origin": "Origin: https://evil.example\r\n",
		"opaque origin":  "Origin: null\r\n",
	} {
		content := freshText("sent by another site")
		request := strings.Replace(upload(supernode, "forged.txt", string(content)), "POST /api/v3/files", "POST /ui/files", 1)
		request = strings.Replace(request, "X-Apikey: "+supernode.APIKey+"\r\n", "X-Virusmap-Consent: 1\r\n"+headers, 1)
		require.Contains(t, exchange(t, supernode, request, false), "403 Forbidden", name)
		require.Contains(t, w.get(t, "/api/v3/files/"+hashOf(content)).status, "404", name)
	}
}

// A URL that leads inside makes the supernode ask nobody, whatever its form, unless its
// configuration says so; its report comes all the same.
func TestURLsThatLeadInside(t *testing.T) {
	inside, allowed := serveLogin(t, "127.0.0.1:0"), serveLogin(t, "127.0.0.1:0")
	port := strconv.Itoa(inside.port)
	inside6 := serveLogin(t, "[::1]:"+port)
	brands, err := filepath.Abs("../../engines/urlrules/brands.txt")
	require.NoError(t, err)
	w := ownWorld(t, "inside", setup{supernodes: 1, config: func(config map[string]any) {
		engines := config["engines"].(map[string]any)
		engines["engines"] = append(engines["engines"].([]any), map[string]any{
			"name": "Fetch", "kind": "fetch", "timeout_seconds": 15, "samples": []string{"url"},
			"options": map[string]any{
				"brands": brands,
				"allow":  []string{allowed.address},
				"ports":  []int{inside.port, 80}, // so that it is the address that is refused
			},
		})
	}})
	urls := []string{
		"http://127.0.0.1:" + port + "/loopback", "http://localhost:" + port + "/", "http://[::1]:" + port + "/",
		"http://2130706433:" + port + "/decimal", "http://127.1:" + port + "/short", "http://0x7f000001:" + port + "/hexadecimal",
		"http://[::ffff:127.0.0.1]:" + port + "/mapped", "http://0.0.0.0:" + port + "/",
		"http://169.254.169.254/", "http://169.254.169.254/latest/meta-data/",
		// Where the engine may go first.
		"http://" + allowed.address + "/to?http://" + inside.address + "/redirected",
		"http://" + allowed.address + "/to?http://localhost:" + port + "/redirected",
		"http://" + allowed.address + "/to?http://169.254.169.254/latest/meta-data/",
	}
	for url, result := range w.fetched(t, urls...) {
		require.Equal(t, verdictstypes.CATEGORY_TYPE_UNSUPPORTED, result.Category, "%s: %s", url, result.Label)
	}
	require.Zero(t, inside.contacts.Load()+inside6.contacts.Load(), "something inside was contacted")
	before := allowed.contacts.Load()
	require.GreaterOrEqual(t, before, int64(3), "every redirect was asked for")

	login := "http://" + allowed.address + "/login"
	result := w.fetched(t, login)[login]
	require.Equal(t, verdictstypes.CATEGORY_MALICIOUS, result.Category)
	require.Equal(t, "phishing:log-in-as-paypal.com", result.Label)
	require.Greater(t, allowed.contacts.Load(), before)

	// What would have been seen, had anybody come.
	for _, site := range []*site{inside, inside6} {
		body(t, "http://"+site.address, http.StatusOK)
		require.EqualValues(t, 1, site.contacts.Load())
	}
}

// site is a web site that counts who connects, also those who send nothing.
type site struct {
	address  string
	port     int
	contacts atomic.Int64
}

// serveLogin serves a forged page at every path but /to, which leads on to its query.
func serveLogin(t *testing.T, address string) *site {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	s := &site{address: listener.Addr().String(), port: listener.Addr().(*net.TCPAddr).Port}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.contacts.Add(1)
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/to" {
				w.Header().Set("Location", r.URL.RawQuery)
				w.WriteHeader(http.StatusFound)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<title>PayPal: Log in</title><form method="post"><input type="password" name="p"></form>`)
		}),
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// fetched submits URLs and returns what the fetching engine said of each, on chain.
func (w *world) fetched(t *testing.T, urls ...string) map[string]verdictstypes.EngineVerdict {
	t.Helper()
	p := w.virusmap(t, append([]string{"--output", "json", "submit", "--wait", "--wait-timeout", "90s"}, urls...)...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	said := map[string]verdictstypes.EngineVerdict{}
	for line := range strings.Lines(p.stdout) {
		var one submission
		require.NoError(t, json.Unmarshal([]byte(line), &one), line)
		for _, verdict := range w.chainReport(t, one.SHA256).Verdicts {
			require.NotContains(t, []verdictstypes.Category{verdictstypes.CATEGORY_FAILURE, verdictstypes.CATEGORY_TIMEOUT}, verdict.Category, "%s: %s", one.Path, verdict.Engine)
			if verdict.Engine == "Fetch" {
				said[one.Path] = verdict
			}
		}
	}
	require.Len(t, said, len(urls))
	return said
}

// answer is what a gateway said.
type answer struct {
	status, body string
	header       http.Header
}

func (w *world) get(t *testing.T, path string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Supernodes[0].URL+path, nil)
	require.NoError(t, err)
	request.Header.Set("X-Apikey", w.Supernodes[0].APIKey)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	require.NoError(t, err)
	return answer{response.Status, string(body), response.Header}
}
