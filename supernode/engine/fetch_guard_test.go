package engine

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// nameserver answers every name with the same addresses.
func nameserver(t *testing.T, addresses ...string) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var query dnsmessage.Message
			if query.Unpack(buffer[:size]) != nil || len(query.Questions) != 1 {
				continue
			}
			answer := dnsmessage.Message{Header: dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true}, Questions: query.Questions}
			for _, text := range addresses {
				address := netip.MustParseAddr(text)
				header := dnsmessage.ResourceHeader{Name: query.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 1}
				switch {
				case address.Is4() && query.Questions[0].Type == dnsmessage.TypeA:
					answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
				case address.Is6() && query.Questions[0].Type == dnsmessage.TypeAAAA:
					answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
				}
			}
			if packed, err := answer.Pack(); err == nil {
				_, _ = conn.WriteTo(packed, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

// Whatever a URL says, nothing but public addresses is connected to.
func TestFetchRefusesInnerAddresses(t *testing.T) {
	reached := 0
	w := startWeb(t, map[string]http.HandlerFunc{"/": func(http.ResponseWriter, *http.Request) { reached++ }}, func(options map[string]any) {
		delete(options, "allow")
		options["nameserver"] = nameserver(t, "127.0.0.1", "::1")
	})
	for name, url := range map[string]string{
		"loopback":            "http://127.0.0.1/",
		"decimal":             "http://2130706433/",
		"short":               "http://127.1/",
		"this network":        "http://0.0.0.0/",
		"IPv6 loopback":       "http://[::1]/",
		"mapped":              "http://[::ffff:127.0.0.1]/",
		"mapped in hex":       "http://[::ffff:7f00:1]/",
		"NAT64":               "http://[64:ff9b::7f00:1]/",
		"6to4":                "http://[2002:7f00:1::]/",
		"compatible":          "http://[::127.0.0.1]/",
		"private":             "http://10.1.2.3/",
		"private too":         "http://192.168.0.1/",
		"carrier":             "http://100.64.0.1/",
		"metadata":            "http://169.254.169.254/latest/meta-data/",
		"metadata elsewhere":  "http://168.63.129.16/",
		"metadata over IPv6":  "http://[fd00:ec2::254]/",
		"link-local":          "http://[fe80::1]/",
		"multicast":           "http://224.0.0.1/",
		"multicast over IPv6": "http://[ff02::1]/",
		"broadcast":           "http://255.255.255.255/",
		"documentation":       "http://192.0.2.1/",
		"a name":              "http://rebind.example/",
		"localhost":           "http://localhost/",
	} {
		content := newContent(t, []byte(canonical(t, url)))
		content.Kind = urlContent(t, url).Kind
		verdict := w.engine.Scan(context.Background(), content)
		require.Equal(t, unsupported, verdict.Category, "%s: %+v", name, verdict)
		require.Contains(t, verdict.Detail, "is not a public one", name)
	}
	verdict := w.engine.Scan(context.Background(), urlContent(t, "http://8.8.8.8:"+w.port()+"/"))
	require.Contains(t, verdict.Detail, "is not fetched from")
	verdict = w.engine.Scan(context.Background(), urlContent(t, "ftp://rebind.example/"))
	require.Contains(t, verdict.Detail, "scheme ftp")
	require.Zero(t, reached)
	require.Empty(t, w.facts)
}

func TestFetchChecksEveryRedirect(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an inner server was reached") }))
	t.Cleanup(inner.Close)
	w := startWeb(t, map[string]http.HandlerFunc{
		"/loopback": redirect(inner.URL),
		"/metadata": redirect("http://169.254.169.254/latest"),
		"/name":     redirect("http://inner.example:" + strings.Split(inner.URL, ":")[2] + "/"),
		"/refresh":  htmlPage(`<meta http-equiv=refresh content="0;url=`+inner.URL+`">`, ""),
		"/file":     redirect("file:///etc/passwd"),
		"/gopher":   redirect("gopher://127.0.0.1:70/x"),
		"/slashes":  redirect("//127.0.0.1/x"),
	}, func(options map[string]any) { options["nameserver"] = nameserver(t, "127.0.0.1") })
	for path, says := range map[string]string{
		"/loopback": "is not fetched from", "/metadata": "not a public one", "/name": "is not fetched from",
		"/refresh": "is not fetched from", "/slashes": "not a public one",
	} {
		verdict := w.engine.Scan(context.Background(), urlContent(t, w.URL+path))
		require.Equal(t, unsupported, verdict.Category, "%s: %+v", path, verdict)
		require.Contains(t, verdict.Detail, says, path)
	}
	for _, path := range []string{"/file", "/gopher"} { // these lead nowhere that could be fetched
		verdict := w.engine.Scan(context.Background(), urlContent(t, w.URL+path))
		require.Equal(t, undetected, verdict.Category, "%s: %+v", path, verdict)
	}
}

// An allowed name server and an allowed address: the whole way by name.
func TestFetchByName(t *testing.T) {
	w := startWeb(t, map[string]http.HandlerFunc{
		"/": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Host", r.Host) },
	}, func(options map[string]any) { options["nameserver"] = nameserver(t, "127.0.0.1") })
	content := urlContent(t, "http://site.example:"+w.port()+"/")
	require.Equal(t, undetected, w.engine.Scan(context.Background(), content).Category)
	require.Equal(t, "site.example:"+w.port(), w.facts[content.SHA256].Headers["X-Host"])
}

func TestFetchOptionsAreChecked(t *testing.T) {
	for says, options := range map[string]map[string]any{
		"brands is missing": {},
		"allow":             {"brands": "x", "allow": []string{"localhost"}},
		"deny":              {"brands": "x", "deny": []string{"10.0.0.1"}},
		"nameserver":        {"brands": "x", "nameserver": "dns"},
		"max_redirects":     {"brands": "x", "max_redirects": 21},
		"max_bytes":         {"brands": "x", "max_bytes": 1 << 40},
		"no such file":      {"brands": "/nowhere"},
	} {
		_, err := Open(context.Background(), Config{Workers: 1, Engines: []EngineConfig{{Name: "F", Kind: "fetch", Options: options}}})
		require.ErrorContains(t, err, says)
	}
	for _, engine := range DefaultConfig("/x").Engines {
		require.NotEqual(t, "fetch", engine.Kind, "fetching is off unless it is configured")
	}
}
