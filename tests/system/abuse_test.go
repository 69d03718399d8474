package system

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Clients that send their headers drop by drop are hung up on, and cost the others nothing.
func TestSlowHeaders(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	ended := make(chan error, 32)
	for range cap(ended) {
		conn := dial(t, supernode)
		go func() {
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "GET /api/v3/files/x HTTP/1.1\r\nHost: localhost\r\n")
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(conn, "X-%d: y\r\n", i); err != nil {
					ended <- nil
					return
				}
				time.Sleep(200 * time.Millisecond)
			}
		}()
	}
	w.submit(t, sample(t, "meanwhile.txt", freshText("while others are slow")))
	for range cap(ended) {
		select {
		case <-ended:
		case <-time.After(patience):
			require.Fail(t, "a slow client is still connected")
		}
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
