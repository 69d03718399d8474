package pagerules

import (
	"bytes"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/rules"
	"github.com/virusmap/virusmap/supernode/engine/urlrules"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// Input is a page as it was served.
type Input struct {
	URL         weburl.URL
	ContentType string // without parameters
	Body        []byte
	// Refreshes is how many pages before this one led on by themselves.
	Refreshes int
	Brands    []urlrules.Brand
}

// Result is what the rules say, and facts on the way.
type Result struct {
	Verdict rules.Verdict `json:"verdict"`
	Title   string        `json:"title,omitempty"`
	// Refresh is the canonical URL that the page leads on to by itself.
	Refresh string `json:"refresh,omitempty"`
}

// Inspect judges a page.
func Inspect(in Input) Result {
	var f rules.Findings
	var result Result
	if isEICAR(in.Body) {
		f.Add(testFile, "")
	} else if tag := filetype.Of(in.Body); isProgram(tag) {
		inspectProgram(&f, in)
	} else if tag == "html" || strings.Contains(in.ContentType, "html") {
		p := read(in.Body)
		result.Title = p.title
		if target, ok := p.resolve(in.URL, p.refresh); ok && p.refresh != "" {
			result.Refresh = target.String()
		}
		p.inspect(&f, in)
	} else if strings.Contains(in.ContentType, "javascript") || tag == "javascript" {
		p := page{scripts: string(in.Body)}
		p.inspectMiners(&f)
		p.inspectCode(&f, in)
	}
	result.Verdict = f.Judge(severalHints, undetected)
	return result
}

func (p *page) inspect(f *rules.Findings, in Input) {
	p.inspectMiners(f)
	p.inspectForms(f, in)
	p.inspectShop(f, in)
	p.inspectCode(f, in)
	p.inspectDownloads(f, in)
	if target, ok := p.resolve(in.URL, p.refresh); ok && p.refresh != "" {
		f.AddIf(isForeign(in.URL, target), refresh)
		f.AddIf(in.Refreshes >= 2, refreshChain)
	}
}

// isForeign tells whether a URL belongs to another site.
func isForeign(own, other weburl.URL) bool {
	return siteOf(own) != siteOf(other)
}

func siteOf(u weburl.URL) string {
	if domain := weburl.RegisteredDomain(u.Host); domain != "" {
		return domain
	}
	return u.Host
}

// isEICAR follows the definition at eicar.org. The text is cut in two here so that no
// scanner takes this program for the test file.
func isEICAR(content []byte) bool {
	rest, ok := bytes.CutPrefix(content, []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$`+`EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`))
	return ok && len(content) <= 128 && len(bytes.Trim(rest, " \t\r\n\x1a")) == 0
}

func isProgram(tag string) bool {
	return slices.Contains([]string{"peexe", "pedll", "mz", "elf", "macho", "msi", "apk", "lnk"}, tag)
}

var documents = []string{".pdf", ".doc", ".docx", ".xls", ".xlsx", ".txt", ".rtf", ".jpg", ".jpeg", ".png", ".gif", ".html", ".htm", ".css", ".ico"}

func inspectProgram(f *rules.Findings, in Input) {
	shown := strings.HasPrefix(in.ContentType, "text/") && in.ContentType != "text/plain" || strings.HasPrefix(in.ContentType, "image/") || in.ContentType == "application/pdf"
	if shown || slices.Contains(documents, strings.ToLower(path.Ext(in.URL.Path))) {
		f.Add(disguisedProgram, "")
	}
	f.Add(program, "")
}

var (
	minerSources      = regexp.MustCompile(`(?i)(coin-?hive|crypto-?night|crypto-?loot|deep-?miner|web-?mine-?pool|coin-?imp|jse-?coin|webmr|authedmine|xmr-?miner|monero-?miner|browser-?miner|web-?miner)[\w.-]*\.(js|wasm)`)
	minerConstructors = regexp.MustCompile(`(?i)\bnew\s+(CoinHive|CryptoLoot|CRLT|deepMiner|CoinImp|Client|WebMiner|Miner|perfektStart|CryptoNoter)\s*\.\s*(Anonymous|User|Token)\s*\(|\b(CoinHive|CryptoLoot|CRLT|deepMiner|CoinImp)\.(Anonymous|User|Token|init)\s*\(|\bstartMining\s*\(\s*["']`)
	minerPools        = regexp.MustCompile(`(?i)stratum\+(tcp|ssl|tls|ws|wss)://|"method"\s*:\s*"(mining\.(subscribe|authorize|submit)|keepalived)"|wss?://[^"'\s]*\b(xmr|monero|stratum|miner|mining-?pool)\b`)
	minerWords        = []string{"cryptonight", "randomx", "hashrate", "hashespersecond", "hashes/s", "throttle", "nonce", "difficulty", "stratum", "job_id"}
)

func (p *page) inspectMiners(f *rules.Findings) {
	f.AddIf(slices.ContainsFunc(p.sources, minerSources.MatchString) || minerSources.MatchString(p.scripts), minerScript)
	f.AddIf(minerConstructors.MatchString(p.scripts), minerConstructor)
	f.AddIf(minerPools.MatchString(p.scripts), minerPool)
	code := strings.ToLower(p.scripts)
	parallel := strings.Contains(code, "webassembly") && strings.Contains(code, "hardwareconcurrency")
	words := 0
	for _, word := range minerWords {
		if strings.Contains(code, word) {
			words++
		}
	}
	f.AddIf(parallel && words >= 2, minerSigns)
}

// inspectForms looks at where passwords go, and in whose name they are asked for.
func (p *page) inspectForms(f *rules.Findings, in Input) {
	asked, foreign := false, false
	for _, form := range p.forms {
		if !form.password {
			continue
		}
		asked = true
		target, ok := p.resolve(in.URL, form.action)
		if !ok || form.action == "" {
			continue
		}
		if isForeign(in.URL, target) {
			foreign = true
			f.Add(foreignLogin, "")
			f.AddIf(target.Address.IsValid() && isPublic(target.Address), openLogin)
		}
	}
	if !asked {
		return
	}
	if brand := p.brandOf(in, p.title+" "+p.heading); brand != nil {
		f.Add(brandLogin, brand.Domain)
		if foreign {
			f.Add(brandForeign, brand.Domain)
		}
	}
}

func isPublic(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() }

// brandOf is the brand that a text names as a word, unless the site is its own. A name that
// is an ordinary word has to stand in the title beside a log-in's.
func (p *page) brandOf(in Input, text string) *urlrules.Brand {
	if urlrules.OwnerOf(in.Brands, in.URL.Host) != nil {
		return nil
	}
	said := wordsOf(text)
	for i := range in.Brands {
		brand := &in.Brands[i]
		if len(brand.Name) >= 3 && slices.Contains(said, strings.ReplaceAll(brand.Name, "-", "")) && (!brand.Common || mentionsLogin(said)) {
			return brand
		}
	}
	return nil
}

func mentionsLogin(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"login", "signin", "sign", "log", "account", "verify", "id", "banking", "password"}, w)
	})
}

// wordsOf are the words of a text in lower case, and each two neighbours as one: "Louis
// Vuitton" is louisvuitton.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(cut(text, 64<<10)), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
	for i := range len(words) - 1 {
		words = append(words, words[i]+words[i+1])
	}
	return words
}

var (
	decoders = regexp.MustCompile(`(?i)(eval|Function|setTimeout|document\.write(ln)?)\s*\(\s*(window\.)?(unescape|atob|decodeURIComponent|String\.fromCharCode)\s*\(|eval\s*\(\s*function\s*\(\s*p\s*,\s*a\s*,\s*c\s*,\s*k|(\\x[0-9a-f]{2}){200}|(%u[0-9a-f]{4}){50}`)
	writes   = regexp.MustCompile(`(?i)(createElement\s*\(\s*["']iframe["']|<iframe)`)
)

func (p *page) inspectCode(f *rules.Findings, in Input) {
	unpacks := decoders.MatchString(p.scripts)
	hidden := false
	for _, frame := range p.frames {
		if target, ok := p.resolve(in.URL, frame.source); ok && frame.hidden && isForeign(in.URL, target) {
			hidden = true
		}
	}
	f.AddIf(unpacks, unpackingCode)
	f.AddIf(hidden, hiddenFrame)
	f.AddIf(unpacks && (hidden || writes.MatchString(p.scripts)), driveBy)
}

var (
	programLinks = regexp.MustCompile(`(?i)\.(exe|msi|scr|apk|bat|cmd|hta|vbs|jar|dmg|ps1|iso|img)$`)
	navigations  = regexp.MustCompile(`(?i)(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\s*\(|window\.open\s*\()\s*["']([^"']{1,1000})["']`)
)

// inspectDownloads looks for programs that come without a click.
func (p *page) inspectDownloads(f *rules.Findings, in Input) {
	targets := []string{p.refresh}
	for _, frame := range p.frames {
		targets = append(targets, frame.source)
	}
	for _, match := range navigations.FindAllStringSubmatch(p.scripts, 64) {
		targets = append(targets, match[1])
	}
	for _, reference := range targets {
		target, ok := p.resolve(in.URL, reference)
		if reference == "" || !ok || !programLinks.MatchString(target.Path) {
			continue
		}
		f.AddIf(isForeign(in.URL, target), autoProgram)
		f.Add(ownAutoProgram, "")
	}
}
