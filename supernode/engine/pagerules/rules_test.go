package pagerules

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/rules/rulestest"
	"github.com/virusmap/virusmap/supernode/engine/urlrules"
	"github.com/virusmap/virusmap/supernode/weburl"
)

func brands(t testing.TB) []urlrules.Brand {
	t.Helper()
	list, err := urlrules.ParseBrands("example-bank.test\nfinewatch.test +shop\n")
	require.NoError(t, err)
	return list
}

func inspect(t testing.TB, url, contentType, body string) Result {
	t.Helper()
	u, err := weburl.Parse(url)
	require.NoError(t, err)
	return Inspect(Input{URL: u, ContentType: contentType, Body: []byte(body), Brands: brands(t)})
}

func TestReadmeHasEveryRule(t *testing.T) {
	rulestest.RequireReadme(t, "rules.go", "README.md", 20)
}

func TestPages(t *testing.T) {
	const own, other = "https://www.example-bank.test/", "https://other.example/"
	login := `<h1>Example-Bank log in</h1><form action="/in"><input type=password></form>`
	for name, test := range map[string]struct{ url, kind, body, label string }{
		"the brand's own log-in":    {own, "text/html", "<title>examplebank</title>" + login, ""},
		"in its name":               {other, "text/html", login, "phishing:log-in-as-example-bank.test"},
		"without a password":        {other, "text/html", "<h1>Example Bank</h1><form><input></form>", ""},
		"to an address":             {other, "text/html", `<form action="http://8.8.8.8/x"><input type=password></form>`, "suspicious:password-to-an-address"},
		"by the page's base":        {other, "text/html", `<base href="https://x.example/"><form action="in"><input type=password></form>`, "suspicious:password-to-another-site"},
		"a form that never ends":    {other, "text/html", `<form action="https://x.example/"><input type=password>`, "suspicious:password-to-another-site"},
		"a password without a form": {other, "text/html", `<input type=password>`, ""},
		"a shop of copies":          {other, "text/html", "<title>Finewatch outlet</title>best replica", "counterfeit:shop-of-finewatch.test"},
		"a doubtful shop":           {other, "text/html", "<title>Finewatch outlet</title>cheap", "counterfeit:doubtful-shop-of-finewatch.test"},
		"a dealer":                  {other, "text/html", "<title>Watches by Finewatch</title>$100.00", ""},
		"the brand's own shop":      {"https://finewatch.test/", "text/html", "<title>Finewatch outlet</title>no replica, cheap, discount", ""},
		"a script":                  {other, "text/javascript", `var m = new CryptoLoot.Anonymous("k")`, "cryptomining:miner-in-page"},
		"signs of a miner":          {other, "text/html", `<script>n=navigator.hardwareConcurrency;WebAssembly.instantiate(x);hashrate=nonce</script>`, "cryptomining:signs-of-a-miner"},
		"ordinary WebAssembly":      {other, "text/html", `<script>n=navigator.hardwareConcurrency;WebAssembly.instantiate(x)</script>`, ""},
		"code that decodes itself":  {other, "text/html", `<script>eval(atob("YWxlcnQ="))</script>`, "suspicious:code-that-decodes-itself"},
		"the same in a comment":     {other, "text/html", `<!-- <script>eval(atob("YQ=="))</script> -->`, ""},
		"the same as text":          {other, "text/plain", `eval(atob("YQ=="))`, ""},
		"a program":                 {"https://other.example/a.exe", "application/octet-stream", "\x7fELF\x02\x01\x01", ""},
		"nothing":                   {other, "", "", ""},
	} {
		result := inspect(t, test.url, test.kind, test.body)
		require.Equal(t, test.label, result.Verdict.Label, "%s: %+v", name, result)
	}
}

func TestRefreshTargets(t *testing.T) {
	for content, want := range map[string]string{
		"0;url=/a": "/a", "5; URL = 'https://x.example/'": "https://x.example/", "1,url=b": "b",
		"6;url=/a": "", "0": "", "0;/a": "", "x;url=/a": "", "": "",
	} {
		require.Equal(t, want, refreshTarget(content), content)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add("text/html", `<base href=x><form action=//a><input type=password><iframe src=b width=0><meta http-equiv=refresh content="0;url=c">`)
	f.Add("text/html", "<title><script>eval(unescape(")
	f.Add("", "MZ")
	list := brands(f)
	u, err := weburl.Parse("http://other.example/a/b")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, kind, body string) {
		result := Inspect(Input{URL: u, ContentType: kind, Body: []byte(body), Brands: list})
		require.LessOrEqual(t, len(result.Title), maxTitle)
		require.Equal(t, result.Verdict.Category == "undetected", result.Verdict.Label == "")
	})
}

// TestTitleCanBeStoredAndShown: no database takes a NUL, and nobody sees what turns a text.
func TestTitleCanBeStoredAndShown(t *testing.T) {
	body := "<title> Pay\x00 \n me\u202egpj.exe\u200b&#x202e;\xff &amp; \u0085\u8fbc</title>"
	require.Equal(t, "Pay megpj.exe & \u8fbc", inspect(t, "http://other.example/", "text/html", body).Title)
	long := "<title>" + strings.Repeat("\u8fbc", maxTitle) + "</title>"
	title := inspect(t, "http://other.example/", "text/html", long).Title
	require.LessOrEqual(t, len(title), maxTitle)
	require.True(t, utf8.ValidString(title))
}
