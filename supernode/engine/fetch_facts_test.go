package engine

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/fetch"
)

// The certificate is told as it was presented, although nobody signed it.
func TestFetchTellsTheCertificate(t *testing.T) {
	server := httptest.NewTLSServer(htmlPage("<title>Secure</title>", ""))
	t.Cleanup(server.Close)
	var facts fetch.Facts
	engine := openEngines(t, Config{
		Workers: 1, Fetched: func(_ [32]byte, f fetch.Facts) { facts = f },
		Engines: []EngineConfig{{Name: "Fetch", Kind: "fetch", Samples: []string{"url"}, Options: map[string]any{
			"brands": "../../engines/urlrules/brands.txt", "allow": []string{server.Listener.Addr().String()},
		}}},
	})["Fetch"]
	require.Equal(t, undetected, engine.Scan(context.Background(), urlContent(t, server.URL+"/")).Category)
	require.Equal(t, "Secure", facts.Title)
	presented, told := server.Certificate(), facts.Certificate
	require.NotNil(t, told)
	legacy, thumb := sha1.Sum(presented.Raw), sha256.Sum256(presented.Raw)
	require.Equal(t, hex.EncodeToString(legacy[:]), told.Thumbprint)
	require.Equal(t, hex.EncodeToString(thumb[:]), told.ThumbprintSHA256)
	require.Equal(t, len(presented.Raw), told.Size)
	require.Equal(t, "V3", told.Version)
	require.Equal(t, presented.SerialNumber.Text(16), told.SerialNumber)
	require.Equal(t, "Acme Co", told.Subject.Organisation)
	require.Equal(t, "Acme Co", told.Issuer.Organisation)
	require.Equal(t, presented.NotAfter.UTC().Format("2006-01-02 15:04:05"), told.Validity.NotAfter)
	require.Contains(t, told.Extensions.AlternativeNames, "example.com")
	require.Contains(t, told.Extensions.AlternativeNames, "127.0.0.1")
}

// What a server sends along must not keep it from being judged.
func TestFetchLeavesOutWhatIsTooMuch(t *testing.T) {
	w := startWeb(t, map[string]http.HandlerFunc{
		"/": func(w http.ResponseWriter, r *http.Request) {
			for i := range 60 { // each "<" takes six bytes in JSON
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("<", 500))
				w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=%s", i, strings.Repeat("<", 400)))
			}
			fmt.Fprint(w, eicarText)
		},
	}, nil)
	content := urlContent(t, w.URL+"/")
	verdict := w.engine.Scan(context.Background(), content)
	require.Equal(t, malicious, verdict.Category, verdict.Detail)
	require.Empty(t, w.facts[content.SHA256].Headers)
	require.Empty(t, w.facts[content.SHA256].Cookies)
	require.Equal(t, 200, w.facts[content.SHA256].Status)
}
