package intel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIndicators(t *testing.T) {
	sha256 := strings.Repeat("ab", 32)
	for name, test := range map[string]struct {
		text string
		want []Indicator
	}{
		"hashes": {
			strings.ToUpper(sha256) + " " + sha256[:32] + "," + sha256[:40] + " " + sha256[:33],
			[]Indicator{{"file", sha256}, {"file", sha256[:32]}, {"file", sha256[:40]}},
		},
		"URLs": {
			"http://example.org/a?b=c, hxxps://evil[.]test/x (see https://example.com/y).",
			[]Indicator{{"url", "http://example.org/a?b=c"}, {"url", "https://evil.test/x"}, {"url", "https://example.com/y"}},
		},
		"URL without a scheme": {"example.org/login and/or more", []Indicator{{"url", "http://example.org/login"}}},
		"domains": {
			`www.Example.com "bad[.]example" evil(.)test, bücher.de.`,
			[]Indicator{{"domain", "www.example.com"}, {"domain", "bad.example"}, {"domain", "evil.test"}, {"domain", "xn--bcher-kva.de"}},
		},
		"addresses": {
			"192.0.2.1 198[.]51[.]100[.]7 [2001:db8::1] 2001:DB8::2",
			[]Indicator{{"ip_address", "192.0.2.1"}, {"ip_address", "198.51.100.7"}, {"ip_address", "2001:db8::1"}, {"ip_address", "2001:db8::2"}},
		},
		"none":          {"invoice.exe 1.2.3 me@example.org version: 10 a.b ... [] () http:// // / .", nil},
		"each once":     {"example.org EXAMPLE.ORG example[.]org", []Indicator{{"domain", "example.org"}}},
		"lines and tab": {"example.org\r\nexample.com\t192.0.2.1", []Indicator{{"domain", "example.org"}, {"domain", "example.com"}, {"ip_address", "192.0.2.1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, Indicators(test.text, 100))
		})
	}
}

func TestIndicatorsAreBounded(t *testing.T) {
	require.Len(t, Indicators("a.org b.org c.org", 2), 2)
}

func FuzzIndicators(f *testing.F) {
	f.Add("hxxp://evil[.]test/a 192[.]0.2.1 (example.org) " + strings.Repeat("ab", 32))
	f.Add("[[[((({{{://")
	f.Fuzz(func(t *testing.T, text string) {
		for _, indicator := range Indicators(text, 10) {
			again := Indicators(indicator.Value, 2)
			if indicator.Type == "file" || indicator.Type == "ip_address" {
				require.Equal(t, []Indicator{indicator}, again)
			}
			require.NotEmpty(t, indicator.Value)
		}
	})
}
