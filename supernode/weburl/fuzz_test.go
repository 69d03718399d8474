package weburl

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		"http://example.com/a/../b?c#d", "hxxp[:]//evil[.]test", "http://user:pass@host:8080/%2e%2e/%zz", "http://0x7f.1/",
		"http://[::ffff:1.2.3.4]:80/", "http://BÜCHER.example./ä?ö", `http:\\a\b`, "a((.))b@host", "http://xn--80ak6aa92e.com/",
		"//a", "a:1@b", "http://%31%32%37.1/", "ftp://a//..//b/.", "[://]a", "http://a?%2541%41",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Parse(text)
		if err != nil {
			return
		}
		canonical := u.String()
		require.LessOrEqual(t, len(canonical), MaxBytes)
		for _, c := range []byte(canonical) {
			require.True(t, c > ' ' && c < 0x7f, "%q", canonical)
		}
		again, err := Parse(canonical)
		require.NoError(t, err, canonical)
		require.Equal(t, canonical, again.String())
		require.Equal(t, u.Host, again.Host)
		require.False(t, again.Disguised)
		require.NotEmpty(t, u.Host)
		require.True(t, strings.HasPrefix(u.Path, "/"))
		_ = RegisteredDomain(u.Host)
	})
}

func FuzzParseID(f *testing.F) {
	f.Add("aHR0cDovL2V4YW1wbGUuY29tLw")
	f.Add(strings.Repeat("aB", 32))
	f.Fuzz(func(_ *testing.T, id string) { _, _ = ParseID(id) })
}

func FuzzParseDomain(f *testing.F) {
	f.Add("bücher.example")
	f.Add("127.0.0.1")
	f.Fuzz(func(t *testing.T, text string) {
		domain, err := ParseDomain(text)
		if err != nil {
			return
		}
		again, err := ParseDomain(domain)
		require.NoError(t, err)
		require.Equal(t, domain, again)
	})
}
