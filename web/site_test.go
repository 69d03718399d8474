package web

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const script = "console.log('a script that is long enough to be worth compressing')\n"

func built() *site {
	return newSite(fstest.MapFS{
		".gitkeep":             {},
		"index.html":           {Data: []byte("<!doctype html><title>VirusMap</title>")},
		"sw.js":                {Data: []byte("self.addEventListener('fetch', () => {})")},
		"icon.svg":             {Data: []byte("<svg/>")},
		"manifest.webmanifest": {Data: []byte("{}")},
		"assets/main-1a2b.js":  {Data: []byte(strings.Repeat(script, 40))},
	})
}

func ask(t *testing.T, h http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestFilesAndPages(t *testing.T) {
	for path, want := range map[string]struct {
		status        int
		mime, caching string
	}{
		"/":                         {200, "text/html; charset=utf-8", revalidated},
		"/index.html":               {200, "text/html; charset=utf-8", revalidated},
		"/file/275a021b":            {200, "text/html; charset=utf-8", revalidated},
		"/domain/evil.example.com":  {200, "text/html; charset=utf-8", revalidated},
		"/ip/192.0.2.1":             {200, "text/html; charset=utf-8", revalidated},
		"/sw.js":                    {200, "text/javascript; charset=utf-8", revalidated},
		"/icon.svg":                 {200, "image/svg+xml", revalidated},
		"/manifest.webmanifest":     {200, "application/manifest+json", revalidated},
		"/assets/main-1a2b.js":      {200, "text/javascript; charset=utf-8", immutable},
		"/assets/main-0000.js":      {404, "text/plain; charset=utf-8", ""},
		"/.gitkeep":                 {404, "text/plain; charset=utf-8", ""},
		"/robots.txt":               {404, "text/plain; charset=utf-8", ""},
		"/assets/../assets/none.js": {404, "text/plain; charset=utf-8", ""},
	} {
		t.Run(path, func(t *testing.T) {
			answer := ask(t, built(), http.MethodGet, path)
			require.Equal(t, want.status, answer.StatusCode)
			require.Equal(t, want.mime, answer.Header.Get("Content-Type"))
			require.Equal(t, want.caching, answer.Header.Get("Cache-Control"))
		})
	}
}

func TestEveryAnswerIsSecured(t *testing.T) {
	for _, answer := range []*http.Response{
		ask(t, built(), http.MethodGet, "/"),
		ask(t, built(), http.MethodGet, "/assets/main-1a2b.js"),
		ask(t, built(), http.MethodGet, "/none.js"),
		ask(t, built(), http.MethodPost, "/"),
		ask(t, newSite(fstest.MapFS{}), http.MethodGet, "/"),
	} {
		policy := answer.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'self'")
		require.Contains(t, policy, "frame-ancestors 'none'")
		require.NotContains(t, policy, "unsafe")
		require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", answer.Header.Get("Referrer-Policy"))
	}
}

func TestCompressedWhereItPays(t *testing.T) {
	plain := ask(t, built(), http.MethodGet, "/assets/main-1a2b.js")
	require.Empty(t, plain.Header.Get("Content-Encoding"))

	zipped := ask(t, built(), http.MethodGet, "/assets/main-1a2b.js", "Accept-Encoding", "br, gzip")
	require.Equal(t, "gzip", zipped.Header.Get("Content-Encoding"))
	require.NotEqual(t, plain.Header.Get("ETag"), zipped.Header.Get("ETag"))
	reader, err := gzip.NewReader(zipped.Body)
	require.NoError(t, err)
	body, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat(script, 40), string(body))

	refused := ask(t, built(), http.MethodGet, "/assets/main-1a2b.js", "Accept-Encoding", "gzip;q=0")
	require.Empty(t, refused.Header.Get("Content-Encoding"))
	small := ask(t, built(), http.MethodGet, "/icon.svg", "Accept-Encoding", "gzip")
	require.Empty(t, small.Header.Get("Content-Encoding"))
}

func TestUnchangedIsNotSentAgain(t *testing.T) {
	tag := ask(t, built(), http.MethodGet, "/").Header.Get("ETag")
	require.NotEmpty(t, tag)
	answer := ask(t, built(), http.MethodGet, "/", "If-None-Match", "W/"+tag)
	require.Equal(t, http.StatusNotModified, answer.StatusCode)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Empty(t, body)
	require.Equal(t, http.StatusOK, ask(t, built(), http.MethodGet, "/", "If-None-Match", `"other"`).StatusCode)
}

func TestOnlyReading(t *testing.T) {
	answer := ask(t, built(), http.MethodPost, "/share")
	require.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
	require.Equal(t, "GET, HEAD", answer.Header.Get("Allow"))

	head := ask(t, built(), http.MethodHead, "/")
	require.Equal(t, http.StatusOK, head.StatusCode)
	body, err := io.ReadAll(head.Body)
	require.NoError(t, err)
	require.Empty(t, body)
}

// A clean clone compiles, and tells what is missing.
func TestWithoutBuild(t *testing.T) {
	answer := ask(t, newSite(fstest.MapFS{".gitkeep": {}}), http.MethodGet, "/file/275a021b")
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), "make web")
}

// What was built, if it was, must run under its own policy.
func TestBuildFitsThePolicy(t *testing.T) {
	page, err := fs.ReadFile(dist, "dist/index.html")
	if err != nil {
		t.Skip("the web app is not built: make web")
	}
	require.NotContains(t, string(page), "<style")
	require.NotContains(t, string(page), " style=")
	require.NotRegexp(t, `<script[^>]*>[^<]`, string(page))
	require.NotRegexp(t, `(src|href)="(https?:)?//`, string(page))
	require.Equal(t, http.StatusOK, ask(t, Handler(), http.MethodGet, "/").StatusCode)
}
