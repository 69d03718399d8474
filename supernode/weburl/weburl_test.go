package weburl

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonical(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"as it is":              {"http://example.com/", "http://example.com/"},
		"case":                  {"HTTP://EXAMPLE.com/Path?Q=A", "http://example.com/Path?Q=A"},
		"no path":               {"https://example.com", "https://example.com/"},
		"no path but a query":   {"https://example.com?a=b", "https://example.com/?a=b"},
		"no scheme":             {"example.com/a", "http://example.com/a"},
		"no scheme but a port":  {"example.com:8080/a", "http://example.com:8080/a"},
		"two slashes alone":     {"//example.com/a", "http://example.com/a"},
		"one slash":             {"https:/example.com/a", "https://example.com/a"},
		"no slash":              {"https:example.com/a", "https://example.com/a"},
		"many slashes":          {"https://///example.com/a", "https://example.com/a"},
		"backslashes":           {`http:\\example.com\a\b?c=\`, "http://example.com/a/b?c=%5C"},
		"space around":          {" \r\n http://example.com/ \t", "http://example.com/"},
		"default port":          {"https://example.com:443/", "https://example.com/"},
		"empty port":            {"https://example.com:/", "https://example.com/"},
		"zeros in the port":     {"https://example.com:0080/", "https://example.com:80/"},
		"fragment":              {"http://example.com/a?b#c?d", "http://example.com/a?b"},
		"fragment without path": {"http://example.com#a", "http://example.com/"},
		"empty query":           {"http://example.com/?", "http://example.com/?"},
		"dot segments":          {"http://example.com/a/./b/../../c/..", "http://example.com/"},
		"dots in escapes":       {"http://example.com/a/%2e%2E/b", "http://example.com/b"},
		"above the root":        {"http://example.com/../../a", "http://example.com/a"},
		"empty segments":        {"http://example.com//a//b", "http://example.com//a//b"},
		"unreserved escapes":    {"http://example.com/%7Eme%2d%41", "http://example.com/~me-A"},
		"reserved escapes":      {"http://example.com/a%2fb%3f", "http://example.com/a%2Fb%3F"},
		"not allowed":           {"http://example.com/\"<>^`{|}[]", "http://example.com/%22%3C%3E%5E%60%7B%7C%7D%5B%5D"},
		"Unicode in the path":   {"http://example.com/ä?ö", "http://example.com/%C3%A4?%C3%B6"},
		"broken escape":         {"http://example.com/%zz%%34%31", "http://example.com/%25zz%2541"},
		"IDN":                   {"http://BÜCHER.example/", "http://xn--bcher-kva.example/"},
		"sharp s":               {"http://straße.example/", "http://xn--strae-oqa.example/"},
		"full-width":            {"http://ｅｘａｍｐｌｅ。com/", "http://example.com/"},
		"escaped host":          {"http://%65xample.com/", "http://example.com/"},
		"underscore":            {"http://_dmarc.example.com/", "http://_dmarc.example.com/"},
		"trailing dot":          {"http://example.com./", "http://example.com/"},
		"userinfo":              {"http://bank.example:a@b@evil.example/", "http://bank.example:a%40b@evil.example/"},
		"empty userinfo":        {"http://@example.com/", "http://example.com/"},
		"no scheme, a user":     {"me@example.com", "http://me@example.com/"},
		"IPv4":                  {"http://192.0.2.1/", "http://192.0.2.1/"},
		"IPv4 as one number":    {"http://3221225985/", "http://192.0.2.1/"},
		"IPv4 in hex":           {"http://0xC0.0x00.0x02.0x01/", "http://192.0.2.1/"},
		"IPv4 in octal":         {"http://0300.0.02.01/", "http://192.0.2.1/"},
		"short IPv4":            {"http://127.1/", "http://127.0.0.1/"},
		"full-width IPv4":       {"http://１９２.0.2.1/", "http://192.0.2.1/"},
		"bare 0x":               {"http://0x/", "http://0.0.0.0/"},
		"no IPv4":               {"http://1.2.3.4.example/", "http://1.2.3.4.example/"},
		"IPv6":                  {"http://[2001:DB8:0:0::1]:80/", "http://[2001:db8::1]/"},
		"IPv6 without scheme":   {"[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"},
		"IPv4 in IPv6":          {"http://[::FFFF:7f00:1]/", "http://[::ffff:127.0.0.1]/"},
		"ftp":                   {"ftp://example.com:21/a", "ftp://example.com/a"},
		"defanged":              {"hxxps://evil[.]example(.)com[dot]test/a[.]b", "https://evil.example.com.test/a%5B.%5Db"},
		"defanged colon":        {"hXXp[:]//evil[.]test:8080/", "http://evil.test:8080/"},
		"defanged separator":    {"hxxp[://]evil{.}test/", "http://evil.test/"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Canonical(test.in)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			again, err := Canonical(got)
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
}

func TestRefused(t *testing.T) {
	for name, test := range map[string]struct{ in, says string }{
		"nothing":            {"", "no host"},
		"only a scheme":      {"http://", "no host"},
		"only a path":        {"/etc/passwd", "no host"},
		"only userinfo":      {"http://me@/", "no host"},
		"too long":           {"http://example.com/" + strings.Repeat("a", MaxBytes), "at most 8192"},
		"too long encoded":   {"http://example.com/" + strings.Repeat("ä", MaxBytes/4), "canonical form, at most 8192"},
		"space inside":       {"http://example.com/a b", "white space"},
		"line break inside":  {"http://example.com/a\nb", "U+000A"},
		"no-break space":     {"http://example.com/\u00a0b", "white space"},
		"zero byte":          {"http://example.com/\x00", "control character"},
		"not UTF-8":          {"http://example.com/\xff", "not UTF-8"},
		"another scheme":     {"javascript:alert(1)", `scheme "javascript"`},
		"a mail address":     {"mailto:me@example.com", `scheme "mailto"`},
		"gopher":             {"gopher://example.com/", `"gopher"`},
		"file":               {"file:///etc/passwd", `"file"`},
		"port as word":       {"http://example.com:http/", "not a number"},
		"port out of range":  {"http://example.com:65536/", "0..65535"},
		"long port":          {"http://example.com:00000000000000000000000080000/", "0..65535"},
		"empty label":        {"http://a..example.com/", "label of 0 bytes"},
		"two trailing dots":  {"http://example.com../", "label of 0 bytes"},
		"long label":         {"http://" + strings.Repeat("a", 64) + ".com/", "64 bytes"},
		"long host":          {"http://" + strings.Repeat("abcdefg.", 40) + "com/", "at most 253"},
		"bad host character": {"http://exa!mple.com/", "holds"},
		"escaped slash":      {"http://a%2fb.com/", "holds"},
		"half escape":        {"http://a%2.com/", "percent sign"},
		"bad punycode":       {"http://xn--a-ä.com/", "no domain name"},
		"IPv4 too large":     {"http://256.1.1.1/", "ends in a number"},
		"IPv4 of five parts": {"http://1.2.3.4.5/", "ends in a number"},
		"bad octal":          {"http://1.2.3.08/", "ends in a number"},
		"IPv6 not closed":    {"http://[::1/", "in brackets"},
		"IPv6 zone":          {"http://[fe80::1%25eth0]/", "IPv6"},
		"IPv4 in brackets":   {"http://[127.0.0.1]/", "IPv6"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Canonical(test.in)
			require.ErrorContains(t, err, test.says)
		})
	}
}

func TestDisguised(t *testing.T) {
	for text, want := range map[string]bool{
		"http://example.com/": false, "http://%65xample.com/": true, "http://0x7f.1/": true,
		"http://127.0.0.1/": false, "http://BÜCHER.example/": false,
	} {
		u, err := Parse(text)
		require.NoError(t, err)
		require.Equal(t, want, u.Disguised, text)
	}
}

func TestParseID(t *testing.T) {
	const canonical = "http://example.com/a?b=c"
	want := sha256.Sum256([]byte(canonical))
	for name, id := range map[string]string{
		"hash":               hex.EncodeToString(want[:]),
		"hash in upper case": strings.ToUpper(hex.EncodeToString(want[:])),
		"base64":             base64.RawURLEncoding.EncodeToString([]byte(canonical)),
		"padded":             base64.URLEncoding.EncodeToString([]byte(canonical)),
		"of another writing": base64.RawURLEncoding.EncodeToString([]byte("HTTP://example.com:80/a?b=c#d")),
	} {
		got, err := ParseID(id)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	for name, id := range map[string]string{
		"empty": "", "not base64": "a/../b!", "no URL": base64.RawURLEncoding.EncodeToString([]byte("a b")),
		"too long": strings.Repeat("A", 2*MaxBytes),
	} {
		_, err := ParseID(id)
		require.Error(t, err, name)
	}
}

func TestNames(t *testing.T) {
	domain, err := ParseDomain("BÜCHER[.]Example.")
	require.NoError(t, err)
	require.Equal(t, "xn--bcher-kva.example", domain)
	require.Equal(t, "bücher.example", Unicode(domain))
	for _, bad := range []string{"", "localhost", "1.2.3.4", "0x7f.1", "a b.com", "a/b.com", "..", "a@b.com"} {
		_, err := ParseDomain(bad)
		require.Error(t, err, bad)
	}
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:DB8::1": "2001:db8::1", "192[.]0[.]2[.]1": "192.0.2.1",
	} {
		address, err := ParseIP(text)
		require.NoError(t, err)
		require.Equal(t, want, address.String())
	}
	for _, bad := range []string{"", "127.1", "fe80::1%eth0", "example.com"} {
		_, err := ParseIP(bad)
		require.Error(t, err, bad)
	}
	for host, want := range map[string]string{
		"www.example.co.uk": "example.co.uk", "co.uk": "", "a.b.github.io": "b.github.io", "192.0.2.1": "", "localhost": "",
	} {
		require.Equal(t, want, RegisteredDomain(host), host)
	}
	suffix, icann := PublicSuffix("a.b.github.io")
	require.Equal(t, "github.io", suffix)
	require.False(t, icann)
}
