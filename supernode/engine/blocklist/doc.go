// Package blocklist looks up hosts, URLs and file hashes in lists of known bad ones. It
// reads the usual formats of such lists, holds a million entries in 20 bytes each, and
// takes up changed files while it runs.
//
// # What matches
//
//   - A host entry matches the host itself and every host below it. An entry that is a
//     public suffix, such as a free hoster's domain, matches itself alone.
//   - A URL entry matches whatever the scheme and userinfo. One with a query matches that
//     URL; one without matches its path with any query; one whose path ends in a slash
//     matches everything below that path, to a depth of 16.
//   - A hash entry matches content by SHA-256 or MD5.
package blocklist

import (
	"cmp"
	"crypto/md5" //nolint:gosec // lists of hashes have it
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Categories of lists, the first word of the labels.
var Categories = []string{"malware", "phishing", "counterfeit", "cryptomining", "suspicious"}

// List is one file and what an entry in it means.
type List struct {
	// Path of the file.
	Path string `mapstructure:"path"`
	// Name of the list in labels: 1..64 printable characters without spaces.
	Name string `mapstructure:"name"`
	// Category is one of Categories. Entries of "suspicious" make a content suspicious,
	// those of the others malicious.
	Category string `mapstructure:"category"`
	// Format is one of Formats; empty recognises it by the file's beginning.
	Format string `mapstructure:"format"`
	// Column of a CSV that holds the URL, host or hash; empty means "url".
	Column string `mapstructure:"column"`
	// Confidence 1..15; 0 means 14, or 8 in a list of suspicious ones.
	Confidence uint8 `mapstructure:"confidence"`
}

// Validate names the first field that is wrong.
func (l List) Validate() error {
	switch {
	case l.Path == "":
		return fmt.Errorf("path is missing")
	case l.Name == "" || len(l.Name) > 64 || strings.ContainsFunc(l.Name, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("name %.80q: want 1..64 printable characters without spaces", l.Name)
	case !slices.Contains(Categories, l.Category):
		return fmt.Errorf("category %.32q is none of %s", l.Category, strings.Join(Categories, ", "))
	case l.Format != "" && !slices.Contains(Formats, l.Format):
		return fmt.Errorf("format %.32q is none of %s", l.Format, strings.Join(Formats, ", "))
	case l.Confidence > 15:
		return fmt.Errorf("confidence %d, at most 15", l.Confidence)
	}
	return nil
}

// Match is what an entry says.
type Match struct {
	Malicious  bool
	Confidence uint8
	// Label is the category and the name of the list, or the entry's own name.
	Label string
	// List that has the entry.
	List string
}

// key is the beginning of a SHA-256 over the kind of an entry and its text. Half of it is
// beyond what anybody can make collide with a given entry.
type key [16]byte

// Kinds of entries, in front of their texts.
const (
	hostEntry   = "h"
	urlEntry    = "u"
	sha256Entry = "s"
	md5Entry    = "m"
)

func keyOf(kind, text string) key {
	sum := sha256.Sum256([]byte(kind + text))
	return key(sum[:16])
}

type entry struct {
	key   key
	match uint32 // index into Set.matches
}

// Set is what all lists together hold. It does not change.
type Set struct {
	entries []entry // by key, the strongest match of a key first
	matches []Match
	md5s    bool // some entries are MD5 hashes
}

// Len is the number of different entries.
func (s *Set) Len() int { return len(s.entries) }

// NeedsMD5 tells whether a look-up by MD5 can find anything.
func (s *Set) NeedsMD5() bool { return s.md5s }

func (s *Set) find(kind, text string) (Match, bool) {
	wanted := keyOf(kind, text)
	i, found := slices.BinarySearchFunc(s.entries, wanted, func(e entry, k key) int { return slices.Compare(e.key[:], k[:]) })
	if !found {
		return Match{}, false
	}
	return s.matches[s.entries[i].match], true
}

// URL returns the strongest match of a URL.
func (s *Set) URL(u weburl.URL) (best Match, found bool) {
	better := func(m Match, ok bool) {
		if ok && (!found || stronger(m, best) < 0) {
			best, found = m, true
		}
	}
	for _, host := range hostsOf(u) {
		better(s.find(hostEntry, host))
	}
	for _, prefix := range prefixesOf(u) {
		better(s.find(urlEntry, prefix))
	}
	return best, found
}

// SHA256 returns the match of a content's hash.
func (s *Set) SHA256(sum [sha256.Size]byte) (Match, bool) {
	return s.find(sha256Entry, hex.EncodeToString(sum[:]))
}

// MD5 returns the match of a content's hash.
func (s *Set) MD5(sum [md5.Size]byte) (Match, bool) {
	return s.find(md5Entry, hex.EncodeToString(sum[:]))
}

// stronger orders matches, the strongest first.
func stronger(a, b Match) int {
	if a.Malicious != b.Malicious {
		if a.Malicious {
			return -1
		}
		return 1
	}
	return cmp.Compare(b.Confidence, a.Confidence)
}

// hostsOf are the host and the domains above it, down to the registered one.
func hostsOf(u weburl.URL) []string {
	registered := weburl.RegisteredDomain(u.Host)
	hosts := []string{u.Host}
	if registered == "" {
		return hosts
	}
	for host := u.Host; host != registered; {
		_, host, _ = strings.Cut(host, ".")
		hosts = append(hosts, host)
	}
	return hosts
}

// maxFolders bounds how deep below an entry a URL is found.
const maxFolders = 16

// prefixesOf are the texts of the URL entries that match a URL.
func prefixesOf(u weburl.URL) []string {
	host := u.HostPort()
	prefixes := []string{host + u.Path}
	if u.Query != "" {
		prefixes = append(prefixes, host+u.Path+u.Query)
	}
	for i, end := 0, 0; i < maxFolders; i++ {
		next := strings.IndexByte(u.Path[end:], '/')
		if next < 0 {
			break
		}
		if end += next + 1; end < len(u.Path) {
			prefixes = append(prefixes, host+u.Path[:end])
		}
	}
	return prefixes
}
