package gateway

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddressOf(t *testing.T) {
	for name, c := range map[string]struct {
		remote  string
		forward []string
		want    string
	}{
		"no proxy":                  {"192.0.2.1:1234", nil, "192.0.2.1"},
		"stranger's word":           {"192.0.2.1:1234", []string{"198.51.100.1"}, "192.0.2.1"},
		"proxy":                     {"10.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		"forged before the proxy":   {"10.0.0.1:1234", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		"two proxies":               {"10.0.0.1:1234", []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"two headers":               {"10.0.0.1:1234", []string{"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		"proxy that says nothing":   {"10.0.0.1:1234", nil, "10.0.0.1"},
		"proxy that says nonsense":  {"10.0.0.1:1234", []string{"<script>"}, "10.0.0.1"},
		"only proxies":              {"10.0.0.1:1234", []string{"10.0.0.2"}, "10.0.0.2"},
		"IPv4 in IPv6":              {"[::ffff:192.0.2.1]:1234", nil, "192.0.2.1"},
		"proxy as IPv4 in IPv6":     {"[::ffff:10.0.0.1]:1234", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"IPv6 proxy":                {"[fd00::1]:1234", []string{"2001:db8::1"}, "2001:db8::1"},
		"zone":                      {"[fe80::1%eth0]:1234", nil, "fe80::1"},
		"address without a port":    {"192.0.2.1", nil, "invalid IP"},
		"something that is no peer": {"@", nil, "invalid IP"},
	} {
		t.Run(name, func(t *testing.T) {
			proxies, err := parseProxies([]string{"10.0.0.0/8", "fd00::/8"})
			require.NoError(t, err)
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.remote
			r.Header["X-Forwarded-For"] = c.forward
			require.Equal(t, c.want, addressOf(r, proxies).String())
		})
	}
}

func TestSiteOf(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	for remote, want := range map[string]string{
		"192.0.2.1:1":              "192.0.2.1/32",
		"[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64",
		"nonsense":                 "invalid Prefix",
	} {
		r.RemoteAddr = remote
		require.Equal(t, want, siteOf(addressOf(r, nil)).String())
	}
}

// FuzzForwards feeds X-Forwarded-For of a trusted proxy.
func FuzzForwards(f *testing.F) {
	for _, seed := range []string{"", ",", "192.0.2.1", "::1, 10.0.0.1", "10.0.0.1,10.0.0.1", "[::1]:80", "fe80::1%lo"} {
		f.Add(seed)
	}
	proxies, err := parseProxies([]string{"10.0.0.0/8"})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, forwards string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header["X-Forwarded-For"] = []string{forwards}
		require.True(t, siteOf(addressOf(r, proxies)).IsValid())
	})
}
