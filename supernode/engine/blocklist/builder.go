package blocklist

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Bounds of a set.
const (
	maxEntries = 20_000_000
	// maxNames bounds the entries' own names that are kept; the labels of further ones
	// have the list's.
	maxNames = 4096
	maxName  = 64 // bytes
)

// builder collects entries of all lists.
type builder struct {
	set   Set
	names map[string]uint32 // label -> index, of the list that is being read
	list  List
	plain uint32 // index of the list's own match

	read, unread int // lines of the list
}

// begin starts a list.
func (b *builder) begin(list List) {
	b.list, b.names, b.read, b.unread = list, map[string]uint32{}, 0, 0
	b.plain = b.match(list.Name)
}

func (b *builder) match(name string) uint32 {
	m := Match{Malicious: b.list.Category != "suspicious", Confidence: b.list.Confidence, Label: b.list.Category + ":" + name, List: b.list.Name}
	if m.Confidence == 0 {
		m.Confidence = 14
		if !m.Malicious {
			m.Confidence = 8
		}
	}
	b.set.matches = append(b.set.matches, m)
	return uint32(len(b.set.matches) - 1)
}

// named is the match of an entry with a name of its own.
func (b *builder) named(name string) uint32 {
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return b.plain
	}
	if known, ok := b.names[name]; ok {
		return known
	}
	if len(b.names) == maxNames {
		return b.plain
	}
	b.names[name] = b.match(name)
	return b.names[name]
}

func (b *builder) add(kind, text string, match uint32) error {
	if len(b.set.entries) == maxEntries {
		return fmt.Errorf("more than %d entries", maxEntries)
	}
	b.set.entries = append(b.set.entries, entry{keyOf(kind, text), match})
	b.set.md5s = b.set.md5s || kind == md5Entry
	return nil
}

// addHost takes a name or an address; a leading "*." is dropped.
func (b *builder) addHost(text string) (bool, error) {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "*."), ".")
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return true, b.add(hostEntry, address.String(), b.plain)
	}
	domain, err := weburl.ParseDomain(text)
	if err != nil {
		return false, nil
	}
	return true, b.add(hostEntry, domain, b.plain)
}

func (b *builder) addURL(text string) (bool, error) {
	u, err := weburl.Parse(text)
	if err != nil {
		return false, nil
	}
	return true, b.add(urlEntry, u.HostPort()+u.Path+u.Query, b.plain)
}

// addHash takes a hash in hex and the name that may stand behind it.
func (b *builder) addHash(text, name string) (bool, error) {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return false, nil
	}
	switch len(raw) {
	case 32:
		return true, b.add(sha256Entry, strings.ToLower(text), b.named(name))
	case 16:
		return true, b.add(md5Entry, strings.ToLower(text), b.named(name))
	}
	return false, nil
}

// addAny takes a hash, a URL or a host, whichever it is.
func (b *builder) addAny(text string) (bool, error) {
	if ok, err := b.addHash(text, ""); ok || err != nil {
		return ok, err
	}
	if strings.ContainsAny(text, "/?") {
		return b.addURL(text)
	}
	return b.addHost(text)
}

// finish sorts the entries and keeps the strongest of each.
func (b *builder) finish() *Set {
	set := &b.set
	slices.SortFunc(set.entries, func(x, y entry) int {
		if order := slices.Compare(x.key[:], y.key[:]); order != 0 {
			return order
		}
		return stronger(set.matches[x.match], set.matches[y.match])
	})
	set.entries = slices.CompactFunc(set.entries, func(x, y entry) bool { return x.key == y.key })
	set.entries = slices.Clip(set.entries)
	return set
}
