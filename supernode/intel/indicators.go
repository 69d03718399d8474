// Package intel reads and writes what people share about threats.
package intel

import (
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Indicator is a thing that a text names, by its type in VirusTotal's objects.
type Indicator struct {
	Type string // file, url, domain or ip_address
	// Value is a hash in lower case (MD5, SHA-1 or SHA-256), a canonical URL, a domain in
	// ASCII, or an address.
	Value string
}

// Indicators are the first limit hashes, URLs, domains and addresses of a text, each once, in
// order. Defanged ones such as hxxp://evil[.]test count. A bare name is a domain only when
// its last label is a real top-level domain or when it is defanged, so that file names are
// none.
func Indicators(text string, limit int) []Indicator {
	var found []Indicator
	seen := make(map[Indicator]bool)
	for word := range strings.FieldsFuncSeq(text, separates) {
		if len(word) > 2*weburl.MaxBytes {
			continue
		}
		indicator, ok := read(trim(word))
		if !ok || seen[indicator] {
			continue
		}
		if len(found) == limit {
			break
		}
		seen[indicator] = true
		found = append(found, indicator)
	}
	return found
}

// separates tells what no indicator holds.
func separates(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`<>|,;", r)
}

// maxNesting is how many brackets around a word are taken off.
const maxNesting = 8

// trim takes off the punctuation around a word; brackets that belong together stay.
func trim(word string) string {
	for range maxNesting {
		before := word
		word = strings.Trim(word, ".:!?*=\u201c\u201d\u2018\u2019")
		for _, pair := range []string{"()", "[]", "{}"} {
			opens, closes := pair[:1], pair[1:]
			if strings.HasPrefix(word, opens) && strings.HasSuffix(word, closes) && len(word) > 1 {
				word = word[1 : len(word)-1]
			}
			if strings.Count(word, opens) > strings.Count(word, closes) {
				word = strings.TrimPrefix(word, opens)
			}
			if strings.Count(word, closes) > strings.Count(word, opens) {
				word = strings.TrimSuffix(word, closes)
			}
		}
		if word == before {
			break
		}
	}
	return word
}

func read(word string) (Indicator, bool) {
	if len(word) < 3 || len(word) > weburl.MaxBytes {
		return Indicator{}, false
	}
	if isHash(word) {
		return Indicator{"file", strings.ToLower(word)}, true
	}
	if address, err := weburl.ParseIP(strings.Trim(word, "[]")); err == nil {
		return Indicator{"ip_address", address.String()}, true
	}
	if strings.Contains(word, "@") && !strings.Contains(word, "/") {
		return Indicator{}, false // a mail address
	}
	if strings.ContainsAny(word, "/") {
		return readURL(word)
	}
	domain, err := weburl.ParseDomain(word)
	if err == nil && (isDefanged(word) || isRegistrable(domain)) {
		return Indicator{"domain", domain}, true
	}
	return Indicator{}, false
}

func isHash(word string) bool {
	if len(word) != 32 && len(word) != 40 && len(word) != 64 {
		return false
	}
	_, err := hex.DecodeString(word)
	return err == nil
}

// readURL takes what has a scheme, and what begins with a domain or an address.
func readURL(word string) (Indicator, bool) {
	u, err := weburl.Parse(word)
	if err != nil {
		return Indicator{}, false
	}
	scheme := strings.Contains(word, "//") || strings.Contains(word, "[://]")
	if !scheme && !u.Address.IsValid() && !isDefanged(word) && !isRegistrable(u.Host) {
		return Indicator{}, false
	}
	return Indicator{"url", u.String()}, true
}

// isDefanged tells a name that somebody made unclickable.
func isDefanged(word string) bool {
	return strings.ContainsAny(word, "[({") || strings.HasPrefix(strings.ToLower(word), "hxxp")
}

// isRegistrable tells whether a domain ends in a top-level domain that exists.
func isRegistrable(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return icann || strings.Contains(suffix, ".")
}
