package urlrules

import (
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/rules"
	"github.com/virusmap/virusmap/supernode/weburl"
)

const (
	longURL       = 1000
	longHostBytes = 60
	manyLabels    = 5
)

// Lexical judges how a URL is built.
func Lexical(u weburl.URL) rules.Verdict {
	var f rules.Findings
	inspectHost(&f, u)
	inspectUserinfo(&f, u)
	inspectPath(&f, u)
	inspectTargets(&f, u)
	f.AddIf(len(u.String()) > longURL, long)
	return judge(f)
}

func inspectHost(f *rules.Findings, u weburl.URL) {
	f.AddIf(!slices.Contains([]string{"", "80", "443", "8000", "8008", "8080", "8081", "8443", "8888", "3000", "5000", "9000", "9443"}, u.Port), oddPort)
	if u.Address.IsValid() {
		// Some services have an address for a name; they have a certificate and a front page.
		plain := u.Scheme == "https" && u.Port == "" && u.Path == "/"
		f.AddIf(isPublic(u.Address) && !plain, address)
		return
	}
	registered := weburl.RegisteredDomain(u.Host)
	suffix, icann := weburl.PublicSuffix(u.Host)
	label := strings.TrimSuffix(strings.TrimSuffix(registered, suffix), ".")
	below := strings.TrimSuffix(strings.TrimSuffix(u.Host, registered), ".")

	f.AddIf(below != "" && strings.Count(below, ".") >= manyLabels-1, subdomains)
	f.AddIf(len(u.Host) > longHostBytes, longHost)
	f.AddIf(strings.Contains("."+u.Host, ".xn--"), punycode)
	name := words(label)
	f.AddIf(icann && count(name, credentials) >= 2, credentialHost)
	f.AddIf(!icann && registered != "" && count(words(label+"."+below), credentials) > 0, freeHosting)
	f.AddIf(slices.ContainsFunc(words(u.Host), writtenWithDigits), digitLetters)
	f.AddIf(icann && slices.ContainsFunc(strings.Split(label, "-"), looksRandom), randomLabel)
}

func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

func inspectUserinfo(f *rules.Findings, u weburl.URL) {
	if u.User == "" {
		return
	}
	name, _, _ := strings.Cut(unescaped(u.User), ":")
	domain, err := weburl.ParseDomain(strings.ToLower(name))
	if err == nil && weburl.RegisteredDomain(domain) != "" {
		f.Add(userinfoHost, "")
		return
	}
	f.AddIf(u.Scheme != "ftp", userinfo)
}

// Folders of content systems that hold no pages, and what a log-in page is named.
var systemFolders = regexp.MustCompile(`(?i)/(wp-includes|wp-content/(uploads|plugins|themes)|wp-admin/(css|js|images|includes)|cgi-sys|\.well-known/(acme-challenge|pki-validation))/.*\.(php|html?)$`)

func inspectPath(f *rules.Findings, u weburl.URL) {
	path := unescaped(u.Path)
	name, extension := fileName(u.Path)
	before := strings.TrimSuffix(name, extension)
	isProgram, isScript := slices.Contains(programs, extension), slices.Contains(scripts, extension)
	f.AddIf(isProgram, program)
	f.AddIf(isScript, scriptProgram)
	f.AddIf((isProgram || isScript) && slices.ContainsFunc(documents, func(d string) bool {
		return strings.HasSuffix(strings.TrimRight(before, " _"), d)
	}), doubleExtension)
	f.AddIf((isProgram || isScript) && u.Address.IsValid() && isPublic(u.Address), addressProgram)
	f.AddIf(strings.ContainsAny(path, "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"), bidi)

	said := words(path + " " + unescaped(u.Query))
	f.AddIf(count(said, credentials) >= 3, credentialPath)
	f.AddIf(systemFolders.MatchString(path) && count(words(path), credentials) > 0, hijackedSite)
	f.AddIf(minerScripts.MatchString(u.Host+path), minerScript)
	f.AddIf(minerNames.MatchString(path), minerName)
	f.AddIf(strings.Count(u.Path+u.Query, "%25") >= 3, doubleEncoding)
	if before, after, found := strings.Cut(strings.TrimPrefix(path, "/"), "@"); found && after != "" {
		_, err := weburl.ParseDomain(before)
		f.AddIf(err == nil, atInPath)
	}
	code := strings.ToLower(unescaped(u.Path + u.Query))
	f.AddIf(slices.ContainsFunc([]string{"<script", "javascript:", "onerror=", "onload=", "document.cookie", "eval("}, func(s string) bool {
		return strings.Contains(code, s)
	}), script)
}

// maxTargets bounds the URLs that are looked at inside of one.
const maxTargets = 8

var target = regexp.MustCompile(`(?i)(https?:)?//[^\s&?#"'<>]+`)

// inspectTargets looks at the URLs inside of a URL.
func inspectTargets(f *rules.Findings, u weburl.URL) {
	inside := unescaped(strings.TrimPrefix(u.Path, "/") + u.Query)
	for _, text := range target.FindAllString(inside, maxTargets) {
		nested, err := weburl.Parse(text)
		if err != nil {
			continue
		}
		f.AddIf(nested.Disguised, nestedDisguise)
		own, other := weburl.RegisteredDomain(u.Host), weburl.RegisteredDomain(nested.Host)
		f.AddIf(nested.Address.IsValid() || other != "" && other != own, redirect)
	}
}

var digitsForLetters = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t")

// writtenWithDigits tells "l0gin" from "login" and from "a1".
func writtenWithDigits(word string) bool {
	if !strings.ContainsAny(word, "013457") {
		return false
	}
	plain := digitsForLetters.Replace(word)
	return slices.Contains(credentials, plain) || slices.Contains(credentials, strings.ReplaceAll(plain, "i", "l")) ||
		slices.Contains(credentials, strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t").Replace(word))
}

// looksRandom tells names that algorithms draw from names that people think of: they are
// long, use most letters once, and cannot be spoken.
func looksRandom(label string) bool {
	const shortest = 12
	if len(label) < shortest || strings.HasPrefix(label, "xn--") {
		return false
	}
	var longest, run, vowels, changes int
	for i := range len(label) {
		c := label[i]
		vowel := strings.IndexByte("aeiouy", c) >= 0
		if vowel {
			vowels++
		}
		if run++; vowel || isDigit(c) {
			run = 0
		}
		longest = max(longest, run)
		if i > 0 && isDigit(c) != isDigit(label[i-1]) {
			changes++
		}
	}
	unspeakable := longest >= 6 || changes >= 5 || vowels*7 < len(label)
	return unspeakable && entropy(label) >= 3.1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// entropy is Shannon's, in bits per character.
func entropy(text string) (bits float64) {
	var counts [256]float64
	for i := range len(text) {
		counts[text[i]]++
	}
	for _, n := range counts {
		if n > 0 {
			p := n / float64(len(text))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
