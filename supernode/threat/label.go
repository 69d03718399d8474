package threat

import (
	"slices"
	"strings"
)

// said is what one label says.
type said struct {
	categories []string
	names      []string
	// family is the name that stands where naming schemes have it, else empty.
	family string
}

const (
	trojan = "trojan"
	// minNameChars: shorter tokens are variants and abbreviations.
	minNameChars = 4
	// minHashChars of a token that looks like a hash.
	minHashChars = 6
)

// read takes a label apart.
func read(label string) (s said) {
	label, _, _ = strings.Cut(label, "!")
	if list, _, found := strings.Cut(label, ":"); found && lists[list] {
		label = list
	}
	words := Tokens(label)
	if len(words) > 3 && slices.Equal(words[:3], []string{"not", "a", "virus"}) {
		words = append(words[3:], "pua")
	}
	typed := false
	for i, token := range words {
		word := strings.TrimRight(token, "0123456789")
		if category := categories[word]; category != "" {
			s.categories = append(s.categories, category)
			typed = true
			continue
		}
		typed = typed || types[word] || i == 0 && prefixes[word]
		if isName(token, word) {
			s.names = append(s.names, word)
		}
	}
	if len(s.names) > 0 && typed {
		s.family = s.names[0]
	}
	if others := slices.DeleteFunc(slices.Clone(s.categories), func(c string) bool { return c == trojan || c == "pua" }); len(others) > 0 {
		s.categories = others
	}
	return s
}

// isName tells whether a token may be a name; word is the token without the digits at its end.
func isName(token, word string) bool {
	return len(word) >= minNameChars && !generic[word] && !types[word] && !platforms[word] && !isHash(token)
}

func isHash(token string) bool {
	return len(token) >= minHashChars && strings.ContainsAny(token, "0123456789") && strings.Trim(token, "0123456789abcdef") == ""
}

// Tokens splits a label, in lower case, at everything but [a-z0-9].
func Tokens(label string) []string {
	return strings.FieldsFunc(strings.Map(lower, label), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// lower knows only ASCII: in Unicode there are signs whose lower case is an ASCII letter.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r - 'A' + 'a'
	}
	return r
}
