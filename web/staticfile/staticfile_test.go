package staticfile

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var script = strings.Repeat("console.log('a script that is long enough to be worth compressing')\n", 40)

func ask(f File, method string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result()
}

func TestCompressedWhereItPays(t *testing.T) {
	f := New("main.js", []byte(script), Immutable)
	plain := ask(f, http.MethodGet)
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	require.Equal(t, "text/javascript; charset=utf-8", plain.Header.Get("Content-Type"))
	require.Equal(t, Immutable, plain.Header.Get("Cache-Control"))

	zipped := ask(f, http.MethodGet, "Accept-Encoding", "br, gzip")
	require.Equal(t, "gzip", zipped.Header.Get("Content-Encoding"))
	require.Equal(t, "Accept-Encoding", zipped.Header.Get("Vary"))
	require.NotEqual(t, plain.Header.Get("ETag"), zipped.Header.Get("ETag"))
	reader, err := gzip.NewReader(zipped.Body)
	require.NoError(t, err)
	body, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, script, string(body))

	refused := ask(f, http.MethodGet, "Accept-Encoding", "gzip;q=0")
	require.Empty(t, refused.Header.Get("Content-Encoding"))
	small := ask(New("icon.svg", []byte("<svg/>"), Revalidated), http.MethodGet, "Accept-Encoding", "gzip")
	require.Empty(t, small.Header.Get("Content-Encoding"))
}

func TestUnchangedIsNotSentAgain(t *testing.T) {
	f := New("main.js", []byte(script), Revalidated)
	for _, encoding := range []string{"", "gzip"} {
		tag := ask(f, http.MethodGet, "Accept-Encoding", encoding).Header.Get("ETag")
		require.NotEmpty(t, tag)
		answer := ask(f, http.MethodGet, "Accept-Encoding", encoding, "If-None-Match", "W/"+tag)
		require.Equal(t, http.StatusNotModified, answer.StatusCode)
		require.Empty(t, answer.Header.Get("Content-Encoding"))
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Empty(t, body)
	}
	require.Equal(t, http.StatusOK, ask(f, http.MethodGet, "If-None-Match", `"other"`).StatusCode)
}

func TestHeadHasNoBody(t *testing.T) {
	head := ask(New("main.js", []byte(script), Revalidated), http.MethodHead)
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.EqualValues(t, len(script), head.ContentLength)
	body, err := io.ReadAll(head.Body)
	require.NoError(t, err)
	require.Empty(t, body)
}

func TestTypeWithoutAName(t *testing.T) {
	require.Equal(t, "application/octet-stream", ask(New("LICENSE", nil, Revalidated), http.MethodGet).Header.Get("Content-Type"))
}
