package blocklist

import (
	"crypto/md5" //nolint:gosec // lists of hashes have it
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// setOf reads one list of the category phishing.
func setOf(t testing.TB, list List, text string) *Set {
	t.Helper()
	set, err := read(list, text)
	require.NoError(t, err)
	return set
}

func read(list List, text string) (*Set, error) {
	list.Name, list.Category = "test", "phishing"
	var b builder
	if err := readList(&b, list, strings.NewReader(text)); err != nil {
		return nil, err
	}
	return b.finish(), nil
}

func listed(t testing.TB, set *Set, text string) bool {
	t.Helper()
	u, err := weburl.Parse(text)
	require.NoError(t, err)
	_, found := set.URL(u)
	return found
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Every format is recognised, and read alike when it is named.
func TestFormats(t *testing.T) {
	for format, test := range map[string]struct {
		text        string
		hits, other []string
	}{
		"hosts": {
			"# a comment\n127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 evil.example bad.example # both\n0.0.0.0\tthird.example\n",
			[]string{"http://evil.example/", "https://bad.example/x", "http://third.example/", "http://www.evil.example/"},
			[]string{"http://localhost/", "http://example/", "http://notevil.example/"},
		},
		"domains": {
			"\ufeffevil.example\n; comment\n*.wild.example\nbücher.example\n192.0.2.7\n2001:db8::7\n",
			[]string{"http://evil.example/", "http://a.wild.example/", "http://xn--bcher-kva.example/", "http://192.0.2.7/x", "http://[2001:db8::7]/"},
			[]string{"http://192.0.2.8/", "http://example/"},
		},
		"urls": {
			"http://evil.example/login\nhxxps://bad[.]example/kit/\nhttp://q.example/a?b=c\nhttp://port.example:8080/\n",
			[]string{
				"https://evil.example/login", "http://evil.example/login?a=b", "https://bad.example/kit/a/b?c", "http://q.example/a?b=c",
				"http://port.example:8080/deep/below", "http://user@evil.example/login",
			},
			[]string{"http://evil.example/", "http://evil.example/login2", "http://evil.example/login/x", "http://bad.example/kit", "http://q.example/a", "http://q.example/a?b=d", "http://port.example/", "http://www.evil.example/login"},
		},
		"adblock": {
			"[Adblock Plus 2.0]\n! comment\n||evil.example^\n||ads.example^$third-party\n||part.example/path^\n||some.example^$domain=a.example\n@@||good.example^\nexample##.banner\n",
			[]string{"http://evil.example/", "http://www.evil.example/", "http://ads.example/"},
			[]string{"http://part.example/", "http://some.example/", "http://good.example/"},
		},
		"rpz": {
			"$TTL 60\n@ IN SOA localhost. root.localhost. 1 2 3 4 5\n  IN NS localhost.\nevil.example CNAME .\n*.evil.example CNAME .\nbad.example. 60 IN A 192.0.2.1\nfine.example CNAME rpz-passthru.\n32.1.2.0.192.rpz-ip CNAME .\n",
			[]string{"http://evil.example/", "http://www.evil.example/", "http://bad.example/"},
			[]string{"http://fine.example/", "http://localhost/"},
		},
		"csv": {
			"# id,dateadded,url,url_status\n\"1\",\"2026-01-02 03:04:05\",\"http://evil.example/a.exe\",\"online\"\n\"2\",\"2026-01-02\",\"http://192.0.2.9:81/b,c\",\"offline\"\n",
			[]string{"http://evil.example/a.exe", "http://192.0.2.9:81/b,c"},
			[]string{"http://evil.example/", "http://192.0.2.9/b,c"},
		},
		"misp": {
			`{"name":"n","type":"hostname","version":3,"matching_attributes":["domain"],"list":["evil.example","http://bad.example/x/"]}`,
			[]string{"http://evil.example/", "http://bad.example/x/y"},
			[]string{"http://bad.example/"},
		},
	} {
		t.Run(format, func(t *testing.T) {
			require.Equal(t, format, recognise([]byte(test.text)))
			for _, named := range []string{"", format} {
				set := setOf(t, List{Format: named}, test.text)
				for _, url := range test.hits {
					require.True(t, listed(t, set, url), url)
				}
				for _, url := range test.other {
					require.False(t, listed(t, set, url), url)
				}
			}
		})
	}
}

func TestHashes(t *testing.T) {
	sum := md5.Sum([]byte("two"))
	text := hexSum("one") + "  Named-File\n" + strings.ToUpper(hex.EncodeToString(sum[:])) + "\n"
	require.Equal(t, "hashes", recognise([]byte(text)))
	set := setOf(t, List{}, text)
	match, found := set.SHA256(sha256.Sum256([]byte("one")))
	require.True(t, found)
	require.Equal(t, Match{Malicious: true, Confidence: 14, Label: "phishing:Named-File", List: "test"}, match)
	match, found = set.MD5(sum)
	require.True(t, found)
	require.Equal(t, "phishing:test", match.Label)
	require.True(t, set.NeedsMD5())
	_, found = set.SHA256(sha256.Sum256([]byte("two")))
	require.False(t, found)
}

func TestCSVColumn(t *testing.T) {
	set := setOf(t, List{Format: "csv", Column: "Domain"}, "domain,note\nevil.example,\"a, b\"\n")
	require.True(t, listed(t, set, "http://evil.example/"))
	_, err := read(List{Format: "csv", Column: "host"}, "domain,note\nevil.example,x\n")
	require.ErrorContains(t, err, `column "host"`)
}

func TestStrongestListWins(t *testing.T) {
	var b builder
	for _, list := range []List{
		{Name: "weak", Category: "suspicious"}, {Name: "strong", Category: "malware"}, {Name: "sure", Category: "phishing", Confidence: 15},
	} {
		require.NoError(t, readList(&b, list, strings.NewReader("evil.example\n"+list.Name+".test\n")))
	}
	set := b.finish()
	require.Equal(t, 4, set.Len())
	u, err := weburl.Parse("http://evil.example/")
	require.NoError(t, err)
	match, _ := set.URL(u)
	require.Equal(t, "phishing:sure", match.Label)
	u, err = weburl.Parse("http://weak.test/")
	require.NoError(t, err)
	match, _ = set.URL(u)
	require.Equal(t, Match{Confidence: 8, Label: "suspicious:weak", List: "weak"}, match)
}

// A public suffix that is listed must not take everybody below it along.
func TestPublicSuffixMatchesItselfAlone(t *testing.T) {
	set := setOf(t, List{}, "github.io\n")
	require.True(t, listed(t, set, "https://github.io/"))
	require.False(t, listed(t, set, "https://somebody.github.io/"))
}

func TestBrokenListsAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		format, text, says string
	}{
		"empty":               {"", "", "empty"},
		"an error page":       {"", "<!DOCTYPE html><html>504</html>", "web page"},
		"an error page too":   {"adblock", "\n<HTML>", "web page"},
		"words":               {"", "this is not a list\nat all, no\n", "2 of 2 lines"},
		"half of it garbage":  {"domains", "a.example\n???\n", "1 of 2 lines"},
		"another format":      {"hashes", "evil.example\n", "1 of 1 lines"},
		"cut JSON":            {"", `{"list":["a.example"`, "EOF"},
		"JSON without a list": {"", `{"name":"x"}`, "list"},
		"JSON of numbers":     {"", `{"list":[1]}`, "number"},
		"an endless line":     {"domains", strings.Repeat("a", 2*maxLineBytes), "token too long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(List{Format: test.format}, test.text)
			require.ErrorContains(t, err, test.says)
		})
	}
	set, err := read(List{}, "# nothing is listed today\n")
	require.NoError(t, err)
	require.Zero(t, set.Len())
}

func FuzzReadList(f *testing.F) {
	for _, seed := range []string{
		"0.0.0.0 evil.example\n", "evil.example", "http://a/b\n", "||a.example^$x\n", "$TTL 1\na.example CNAME .\n",
		"url,a,b\n\"http://a/\",1,2\n", `{"list":["a.b"]}`, hexSum("x") + " *name",
	} {
		f.Add("", seed)
	}
	f.Fuzz(func(_ *testing.T, format, text string) {
		if format != "" && format != "csv" && format != "misp" && readers[format] == nil {
			return
		}
		_, _ = read(List{Format: format}, text)
	})
}
