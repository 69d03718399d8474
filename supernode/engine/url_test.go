package engine

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/weburl"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func urlContent(t testing.TB, text string) *Content {
	t.Helper()
	content := newContent(t, []byte(text))
	content.Kind = samplestypes.KIND_URL
	return content
}

// Without fetching anything, each category is found by the shipped lists and rules.
func TestShippedEnginesOnURLs(t *testing.T) {
	engines := openEngines(t, only("Blocklist", "URLRules", "Lookalike"))
	type want struct {
		category verdictstypes.Category
		label    string
	}
	for url, test := range map[string]map[string]want{
		"http://phishing.example/login":        {"Blocklist": {malicious, "phishing:shipped-phishing"}},
		"http://www.counterfeit.test/":         {"Blocklist": {malicious, "counterfeit:shipped-counterfeit"}},
		"http://dropper.malware.invalid/x":     {"Blocklist": {malicious, "malware:shipped-malware"}},
		"http://cryptomining.example/":         {"Blocklist": {malicious, "cryptomining:shipped-cryptomining"}},
		"http://a.suspicious.example/":         {"Blocklist": {suspicious, "suspicious:shipped-suspicious"}},
		"http://files.example/invoice.pdf.exe": {"URLRules": {malicious, "malware:double-extension"}, "Lookalike": {undetected, ""}},
		"http://cdn.example/coinhive.min.js":   {"URLRules": {malicious, "cryptomining:miner-script"}},
		"http://paypal-login.example/":         {"Lookalike": {malicious, "phishing:lookalike-of-paypal.com"}},
		"http://replica-rolex.example/":        {"Lookalike": {malicious, "counterfeit:shop-of-rolex.com"}},
		"https://www.debian.org/":              {"Blocklist": {undetected, ""}, "URLRules": {undetected, ""}, "Lookalike": {undetected, ""}},
		"http://example.com":                   {"Blocklist": {unsupported, ""}, "URLRules": {unsupported, ""}, "Lookalike": {unsupported, ""}},
		"not a URL":                            {"Blocklist": {unsupported, ""}, "URLRules": {unsupported, ""}, "Lookalike": {unsupported, ""}},
	} {
		for engine, want := range test {
			verdict := engines[engine].Scan(context.Background(), urlContent(t, url))
			require.Equal(t, want.category, verdict.Category, "%s on %s: %+v", engine, url, verdict)
			require.Equal(t, want.label, verdict.Label, "%s on %s", engine, url)
		}
	}
}

func TestChangedBrandsAreTakenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "brands.txt")
	write := func(text string) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		later := time.Now().Add(time.Minute)
		require.NoError(t, os.Chtimes(path, later, later))
	}
	write("one-brand.test\n")
	engine := openEngines(t, Config{Engines: []EngineConfig{
		{Name: "L", Kind: "lookalike", Samples: []string{"url"}, Options: map[string]any{"brands": path}},
	}})["L"]
	content := urlContent(t, "http://login-two-brand.test/")
	before, err := engine.Info(context.Background())
	require.NoError(t, err)
	require.Equal(t, undetected, engine.Scan(context.Background(), content).Category)

	write("one-brand.test\ntwobrand.test\n")
	content = urlContent(t, "http://twobrand-login.test/")
	after, err := engine.Info(context.Background())
	require.NoError(t, err)
	require.NotEqual(t, before.SignatureDigest, after.SignatureDigest)
	require.Equal(t, "phishing:lookalike-of-twobrand.test", engine.Scan(context.Background(), content).Label)

	write("nonsense..\n")
	_, err = engine.Info(context.Background())
	require.ErrorContains(t, err, "line 1")
	require.Equal(t, malicious, engine.Scan(context.Background(), content).Category, "the brands before stay")
}

func canonical(t testing.TB, text string) string {
	t.Helper()
	text, err := weburl.Canonical(text)
	require.NoError(t, err)
	return text
}
