package web

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/web/staticfile"
)

func example() *site {
	return newSite(fstest.MapFS{
		".gitkeep":             {},
		"index.html":           {Data: []byte("<!doctype html><title>VirusMap</title>")},
		"sw.js":                {Data: []byte("self.addEventListener('fetch', () => {})")},
		"icon.svg":             {Data: []byte("<svg/>")},
		"manifest.webmanifest": {Data: []byte("{}")},
		"assets/main-1a2b.js":  {Data: []byte("console.log(1)")},
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
		"/":                         {200, "text/html; charset=utf-8", staticfile.Revalidated},
		"/index.html":               {200, "text/html; charset=utf-8", staticfile.Revalidated},
		"/file/275a021b":            {200, "text/html; charset=utf-8", staticfile.Revalidated},
		"/domain/evil.example.com":  {200, "text/html; charset=utf-8", staticfile.Revalidated},
		"/ip/192.0.2.1":             {200, "text/html; charset=utf-8", staticfile.Revalidated},
		"/sw.js":                    {200, "text/javascript; charset=utf-8", staticfile.Revalidated},
		"/icon.svg":                 {200, "image/svg+xml", staticfile.Revalidated},
		"/manifest.webmanifest":     {200, "application/manifest+json", staticfile.Revalidated},
		"/assets/main-1a2b.js":      {200, "text/javascript; charset=utf-8", staticfile.Immutable},
		"/assets/main-0000.js":      {404, "text/plain; charset=utf-8", ""},
		"/.gitkeep":                 {404, "text/plain; charset=utf-8", ""},
		"/robots.txt":               {404, "text/plain; charset=utf-8", ""},
		"/assets/../assets/none.js": {404, "text/plain; charset=utf-8", ""},
	} {
		t.Run(path, func(t *testing.T) {
			answer := ask(t, example(), http.MethodGet, path)
			require.Equal(t, want.status, answer.StatusCode)
			require.Equal(t, want.mime, answer.Header.Get("Content-Type"))
			require.Equal(t, want.caching, answer.Header.Get("Cache-Control"))
		})
	}
}

func TestEveryAnswerIsSecured(t *testing.T) {
	for _, answer := range []*http.Response{
		ask(t, example(), http.MethodGet, "/"),
		ask(t, example(), http.MethodGet, "/assets/main-1a2b.js"),
		ask(t, example(), http.MethodGet, "/none.js"),
		ask(t, example(), http.MethodPost, "/"),
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

func TestOnlyReading(t *testing.T) {
	answer := ask(t, example(), http.MethodPost, "/share")
	require.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
	require.Equal(t, "GET, HEAD", answer.Header.Get("Allow"))

	head := ask(t, example(), http.MethodHead, "/")
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
