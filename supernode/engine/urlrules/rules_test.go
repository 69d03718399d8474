package urlrules

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/rules"
	"github.com/virusmap/virusmap/supernode/engine/rules/rulestest"
	"github.com/virusmap/virusmap/supernode/weburl"
)

func shipped(t testing.TB) []Brand {
	t.Helper()
	text, err := os.ReadFile("../../../engines/urlrules/brands.txt")
	require.NoError(t, err)
	brands, err := ParseBrands(string(text))
	require.NoError(t, err)
	return brands
}

func parse(t testing.TB, text string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(text)
	require.NoError(t, err, text)
	return u
}

func TestOrdinaryURLsAreClean(t *testing.T) {
	brands := shipped(t)
	text, err := os.ReadFile("testdata/ordinary.txt")
	require.NoError(t, err)
	checked := 0
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		u := parse(t, line)
		for name, verdict := range map[string]rules.Verdict{"Lexical": Lexical(u), "Lookalike": Lookalike(u, brands)} {
			if verdict.Category != "undetected" {
				t.Errorf("%s: %s: %+v", name, line, verdict)
			}
		}
		checked++
	}
	require.Greater(t, checked, 400)
}

func TestLexical(t *testing.T) {
	for url, want := range map[string]struct{ id, label string }{
		"http://www.bank.test@evil.example/":                                                              {"URL.UserinfoHost", "phishing:userinfo-trick"},
		"http://www.paypal.com%2Flogin:x@evil.example/":                                                   {"URL.Userinfo", "suspicious:userinfo"},
		"http://admin:secret@evil.example/":                                                               {"URL.Userinfo", "suspicious:userinfo"},
		"http://8.8.4.4/index.html":                                                                       {"URL.Address", "suspicious:address-as-host"},
		"http://134744068/x":                                                                              {"URL.Address", "suspicious:address-as-host"},
		"http://8.8.4.4:8443/bins/a.mips":                                                                 {"URL.AddressProgram", "malware:program-at-address"},
		"http://good.example/out?u=http%3A%2F%2F0x08080404%2Fa":                                           {"URL.NestedDisguise", "suspicious:disguised-target"},
		"https://secure-login.github.io/":                                                                 {"URL.FreeHosting", "suspicious:credentials-on-free-hosting"},
		"http://files.example/card.scr":                                                                   {"URL.ScriptProgram", "suspicious:script-download"},
		"http://files.example/invoice.pdf.exe":                                                            {"URL.DoubleExtension", "malware:double-extension"},
		"http://files.example/invoice.pdf%20%20%20.exe":                                                   {"URL.DoubleExtension", "malware:double-extension"},
		"http://files.example/an\u202efdp.exe":                                                            {"URL.Bidi", "malware:reversed-name"},
		"http://my-l0gin.example/":                                                                        {"URL.DigitLetters", "suspicious:digits-for-letters"},
		"http://xkqzjvwrtpbn.example/":                                                                    {"URL.RandomLabel", "suspicious:random-name"},
		"http://a8k3j9x2m5q7z1.com/":                                                                      {"URL.RandomLabel", "suspicious:random-name"},
		"http://cdn.example/lib/coinhive.min.js":                                                          {"URL.MinerScript", "cryptomining:miner-script"},
		"http://cdn.example/cryptonight.wasm":                                                             {"URL.MinerScript", "cryptomining:miner-script"},
		"http://cdn.example/js/miner.min.js":                                                              {"URL.MinerName", "cryptomining:miner-name"},
		"http://secure-account-verify.example/":                                                           {"URL.CredentialHost", "suspicious:credentials-in-name"},
		"http://good.example/q?x=%3Cscript%3Ealert(1)%3C/script%3E":                                       {"URL.Script", "suspicious:script-in-url"},
		"http://good.example/wp-includes/css/login.php":                                                   {"URL.HijackedSite", "suspicious:log-in-in-system-folder"},
		"http://a.b.c.d.e.f.example.com:4567/login/verify/account/x.exe":                                  {"URL.Hints", "suspicious:several-signs"},
		"http://xn--bcher-kva.example:4567/" + strings.Repeat("a", 1100):                                  {"URL.Hints", "suspicious:several-signs"},
		"http://good.example:4567/www.bank.test@x?u=//other.example/":                                     {"URL.Hints", "suspicious:several-signs"},
		"http://a-very-long-name-of-a-host-that-is-much-too-long-to-be-read.example:4567/x%25252525.exe":  {"URL.Hints", "suspicious:several-signs"},
		"http://a-very-long-name-of-a-host-that-is-much-too-long-to-be-read.example:4567/%2541%2541%2541": {"URL.Hints", "suspicious:several-signs"},
	} {
		verdict := Lexical(parse(t, url))
		require.Equal(t, want.label, verdict.Label, "%s: %+v", url, verdict)
		require.Contains(t, verdict.Detail, "("+want.id+")", url)
	}
}

func TestLookalike(t *testing.T) {
	brands := shipped(t)
	for url, want := range map[string]struct{ id, label string }{
		"http://www.раураl.com/":                 {"Lookalike.Homograph", "phishing:lookalike-of-paypal.com"},
		"http://аррӏе.com/":                      {"Lookalike.Homograph", "phishing:lookalike-of-apple.com"},
		"http://facebοοk.example/":               {"Lookalike.Homograph", "phishing:lookalike-of-facebook.com"},
		"http://ámázon.example/":                 {"Lookalike.Homograph", "phishing:lookalike-of-amazon.com"},
		"http://gооgle-login.example/":           {"Lookalike.Homograph", "phishing:lookalike-of-google.com"},
		"http://wellѕ.example/":                  {"Lookalike.MixedScripts", "suspicious:mixed-scripts"},
		"http://paypa1.com/":                     {"Lookalike.Characters", "phishing:lookalike-of-paypal.com"},
		"http://rnicrosoft.com/":                 {"Lookalike.Characters", "phishing:lookalike-of-microsoft.com"},
		"http://g00gle.example/":                 {"Lookalike.Characters", "phishing:lookalike-of-google.com"},
		"http://www.paypal.com.evil.example/":    {"Lookalike.BrandInSubdomain", "phishing:lookalike-of-paypal.com"},
		"http://www-paypal-com.x.evil.example/":  {"", ""},
		"http://paypal-com.evil.example/":        {"Lookalike.BrandInSubdomain", "phishing:lookalike-of-paypal.com"},
		"http://login-paypal.example/":           {"Lookalike.CredentialAffix", "phishing:lookalike-of-paypal.com"},
		"http://paypalsecurelogin.example/":      {"Lookalike.CredentialAffix", "phishing:lookalike-of-paypal.com"},
		"http://apple-support.example/":          {"Lookalike.CredentialAffix", "phishing:lookalike-of-apple.com"},
		"http://micosoft.com/login":              {"Lookalike.TypoCredential", "phishing:lookalike-of-microsoft.com"},
		"http://micosoft.com/":                   {"Lookalike.Omission", "suspicious:typo-of-microsoft.com"},
		"http://faceboook.com/":                  {"Lookalike.Doubling", "suspicious:typo-of-facebook.com"},
		"http://gogole.com/":                     {"Lookalike.Swap", "suspicious:typo-of-google.com"},
		"http://instahram.com/":                  {"Lookalike.AdjacentKey", "suspicious:typo-of-instagram.com"},
		"http://netnlix.com/":                    {"Lookalike.Bitsquat", "suspicious:typo-of-netflix.com"},
		"http://face-book.example/":              {"Lookalike.Hyphens", "suspicious:typo-of-facebook.com"},
		"http://paypal24.example/":               {"Lookalike.Digits", "suspicious:typo-of-paypal.com"},
		"http://paypal.xyz/":                     {"Lookalike.TopLevel", "suspicious:other-ending-of-paypal.com"},
		"http://paypal.evil.example/verify":      {"Lookalike.BrandHosted", "suspicious:log-in-as-paypal.com"},
		"http://paypal.github.io/verify":         {"", ""},
		"http://paypal.weebly.com/verify":        {"Lookalike.BrandHosted", "suspicious:log-in-as-paypal.com"},
		"http://replica-rolex.example/":          {"Lookalike.ReplicaShop", "counterfeit:shop-of-rolex.com"},
		"http://gucci-outlet-sale.example/":      {"Lookalike.DiscountShop", "counterfeit:shop-of-gucci.com"},
		"http://cheapraybanoutlet.example/":      {"Lookalike.DiscountShop", "counterfeit:shop-of-rayban.com"},
		"http://paypal-gimlet-login-zx.example/": {"Lookalike.CredentialAffix", "phishing:lookalike-of-paypal.com"},
	} {
		verdict := Lookalike(parse(t, url), brands)
		require.Equal(t, want.label, verdict.Label, "%s: %+v", url, verdict)
		if want.id != "" {
			require.Contains(t, verdict.Detail, "("+want.id+")", url)
		}
	}
}

// README.md, which people read, and the table say the same.
func TestReadmeHasEveryRule(t *testing.T) {
	rulestest.RequireReadme(t, "rules.go", "README.md", 45)
}

func TestBrandListsAreChecked(t *testing.T) {
	for text, says := range map[string]string{
		"":                                       "names no brand",
		"# only words\n":                         "names no brand",
		"a.example\n+common\n":                   "line 2: no domain",
		"a.example +other":                       "neither +common nor +shop",
		"a..example":                             "label of 0 bytes",
		strings.Repeat("x.test\n", 5000):         "more than 4096",
		strings.Repeat(" ", MaxBrandListBytes+1): "at most 1048576",
	} {
		_, err := ParseBrands(text)
		require.ErrorContains(t, err, says)
	}
	brands, err := ParseBrands("Example-Brand.test brand.test +shop -example # c\n")
	require.NoError(t, err)
	require.Equal(t, "example-brand.test", brands[0].Domain)
	require.NotNil(t, OwnerOf(brands, "www.brand.test"))
	require.Nil(t, OwnerOf(brands, "www.notbrand.test"))
	verdict := Lookalike(parse(t, "http://examp1e-brand.test/"), brands)
	require.Equal(t, "phishing:lookalike-of-example-brand.test", verdict.Label)
}

func FuzzRules(f *testing.F) {
	brands := shipped(f)
	for _, seed := range []string{"http://paypa1.com/", "http://раураl.com/a@b", "http://a.b.c.d.e.f.g/x.pdf.exe?u=//0x7f.1/", "http://[::1]/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := weburl.Parse(text)
		if err != nil {
			return
		}
		for _, verdict := range []rules.Verdict{Lexical(u), Lookalike(u, brands)} {
			require.LessOrEqual(t, verdict.Confidence, 15)
			require.Equal(t, verdict.Category == "undetected", verdict.Label == "")
		}
	})
}

func FuzzParseBrands(f *testing.F) {
	f.Add("a.test b.test +shop -c # d\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = ParseBrands(text) })
}
