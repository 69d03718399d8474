package urlrules

import (
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/rules"
	"github.com/virusmap/virusmap/supernode/weburl"
)

const (
	// shortestTypo is the shortest name whose misspellings mean something.
	shortestTypo = 6
	// shortestAlike is the shortest name that characters can imitate by digits.
	shortestAlike = 5
	// maxLabels bounds the labels that are compared with brands.
	maxLabels = 12
)

// carriers put their customers' whole names below their own domains.
var carriers = []string{
	"edgekey.net", "edgesuite.net", "akamaized.net", "akadns.net", "cloudflare.net", "cdn.cloudflare.net", "fastly.net",
	"cloudfront.net", "azureedge.net", "trafficmanager.net", "translate.goog", "googleusercontent.com", "archive.org",
}

// site is a host as the rules look at it.
type site struct {
	host       string
	label      string   // of the registered domain, as people read it
	below      []string // labels below the registered domain, as people read them
	suffix     string
	icann      bool
	credential bool // words of a log-in in host or path
}

// Lookalike judges whose name a URL pretends to have.
func Lookalike(u weburl.URL, brands []Brand) rules.Verdict {
	var f rules.Findings
	registered := weburl.RegisteredDomain(u.Host)
	if registered == "" || OwnerOf(brands, u.Host) != nil {
		return judge(f)
	}
	s := site{host: u.Host}
	s.suffix, s.icann = weburl.PublicSuffix(u.Host)
	s.label = weburl.Unicode(strings.TrimSuffix(registered, "."+s.suffix))
	if below := strings.TrimSuffix(strings.TrimSuffix(u.Host, registered), "."); below != "" {
		s.below = strings.Split(weburl.Unicode(below), ".")
	}
	s.below = s.below[max(0, len(s.below)-maxLabels):]
	s.credential = count(words(u.Host+" "+unescaped(u.Path)), credentials) > 0

	f.AddIf(mixesScripts(s.label) || slices.ContainsFunc(s.below, mixesScripts), mixedScripts)
	for i := range brands {
		s.compare(&f, &brands[i])
	}
	return judge(f)
}

func (s *site) compare(f *rules.Findings, b *Brand) {
	if slices.Contains(b.Unlike, s.label) {
		return
	}
	if rule, found := s.imitates(b); found {
		f.Add(rule, b.Domain)
		return
	}
	s.compareName(f, b)
	s.compareTokens(f, b)
	s.compareBelow(f, b)
}

// imitates tells whether a label, or a part of it between hyphens, looks like the name.
func (s *site) imitates(b *Brand) (rules.Rule, bool) {
	parts := append([]string{s.label}, strings.Split(s.label, "-")...)
	for _, below := range s.below {
		parts = append(parts, below)
		parts = append(parts, strings.Split(below, "-")...)
	}
	for _, part := range parts {
		switch {
		case part == b.Name || part == "":
		case !isASCII(part) && (unmarked(part) == b.Name || skeleton(part) == b.skeleton):
			return homograph, true
		case isASCII(part) && len(b.Name) >= shortestAlike && skeleton(part) == b.skeleton && !s.ordinary(part, b):
			return characters, true
		}
	}
	return rules.Rule{}, false
}

// ordinary spares names that only i and l tell apart, as upper case makes them alike but
// ordinary words too.
func (s *site) ordinary(part string, b *Brand) bool {
	return b.Common && !strings.ContainsAny(part, "0123456789")
}

// compareName compares the registered label as a whole.
func (s *site) compareName(f *rules.Findings, b *Brand) {
	if s.label == b.Name {
		country := len(s.suffix) == 2 || strings.Contains(s.suffix, ".")
		if !b.Common && s.icann && !country {
			f.Add(topLevel, b.Domain)
		}
		return
	}
	if b.Common || len(b.Name) < shortestTypo || !isASCII(s.label) {
		return
	}
	if strings.Contains(s.label, "-") && strings.ReplaceAll(s.label, "-", "") == b.Name {
		f.Add(hyphens, b.Domain)
		return
	}
	for _, part := range append(strings.Split(s.label, "-"), s.label) {
		rule, found := typo(part, b.Name)
		if !found || slices.Contains(b.Unlike, part) || part != s.label && rule.Strength == rules.Hint {
			continue
		}
		f.Add(rule, b.Domain)
		if s.credential && rule.Strength > rules.Hint {
			f.Add(typoCredential, b.Domain)
		}
	}
}

// compareTokens looks for the name as a part of the registered label.
func (s *site) compareTokens(f *rules.Findings, b *Brand) {
	if s.label == b.Name {
		return
	}
	tokens := strings.Split(s.label, "-")
	whole := slices.Contains(tokens, b.Name)
	rest := strings.Trim(strings.Join(slices.DeleteFunc(slices.Clone(tokens), func(t string) bool { return t == b.Name }), ""), "-")
	if !whole {
		before, after, glued := strings.Cut(strings.ReplaceAll(s.label, "-", ""), b.Name)
		if !glued || len(b.Name) < shortestAlike {
			return
		}
		rest = before + after
	}
	switch {
	case rest != "" && composedOf(rest, credentials), whole && count(tokens, credentials) > 0:
		f.Add(credentialAffix, b.Domain)
	case b.Shop && (composedOf(rest, append(slices.Clone(replicas), discounts...)) && hasAny(rest, replicas) || whole && count(tokens, replicas) > 0):
		f.Add(replicaShop, b.Domain)
	case b.Shop && (composedOf(rest, discounts) || whole && count(tokens, discounts) > 0):
		f.Add(discountShop, b.Domain)
	case rest != "" && strings.Trim(rest, "0123456789") == "" && !b.Common && len(b.Name) >= shortestTypo:
		f.Add(digits, b.Domain)
	case whole && !b.Common:
		f.Add(brandToken, b.Domain)
	}
}

// compareBelow looks for the brand in front of a registered domain that is another's.
func (s *site) compareBelow(f *rules.Findings, b *Brand) {
	if slices.ContainsFunc(carriers, func(c string) bool { return s.host == c || strings.HasSuffix(s.host, "."+c) }) {
		return
	}
	below := "." + strings.Join(s.below, ".") + "."
	for _, domain := range b.Domains {
		if strings.Contains(domain, ".") && len(domain) > 4 && (strings.Contains(below, "."+domain+".") || strings.Contains(below, "."+strings.ReplaceAll(domain, ".", "-")+".")) {
			f.Add(brandInSubdomain, b.Domain)
			return
		}
	}
	named := slices.Contains(s.below, b.Name) || !s.icann && s.label == b.Name
	if named && s.credential && !b.Common && len(b.Name) >= shortestAlike {
		f.Add(brandHosted, b.Domain)
	}
}

func hasAny(text string, table []string) bool {
	return slices.ContainsFunc(table, func(word string) bool { return strings.Contains(text, word) })
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
