package weburl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Bounds of DNS names (RFC 1035, 2.3.4).
const (
	maxHostBytes  = 253
	maxLabelBytes = 63
)

// names maps host names as browsers do: UTS #46 without transitional processing, hyphens
// and underscores wherever they stand.
var names = idna.New(
	idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false),
	idna.CheckJoiners(true), idna.BidiRule(),
)

func (u *URL) readHost(host string) error {
	if inside, ok := strings.CutPrefix(host, "["); ok {
		address, err := netip.ParseAddr(strings.TrimSuffix(inside, "]"))
		if err != nil || !address.Is6() || address.Zone() != "" {
			return fmt.Errorf("host %.64q is not an IPv6 address", host)
		}
		u.Host, u.Address = address.String(), address
		return nil
	}
	decoded, err := url.PathUnescape(host)
	if err != nil {
		return fmt.Errorf("host %.64q holds a percent sign that begins no escape", host)
	}
	u.Disguised = decoded != host
	name, err := asciiName(decoded)
	if err != nil {
		return err
	}
	if u.Address, err = parseIPv4(name); err != nil {
		return err
	}
	u.Host = name
	if u.Address.IsValid() {
		u.Host = u.Address.String()
		u.Disguised = u.Disguised || u.Host != name
	}
	return nil
}

// asciiName is the lower-case ASCII form of a host name.
func asciiName(name string) (string, error) {
	if name == "" {
		return "", errors.New("URL has no host")
	}
	if len(name) > 4*maxHostBytes { // no name this long maps to a short one
		return "", fmt.Errorf("host of %d bytes, at most %d", len(name), maxHostBytes)
	}
	ascii, err := names.ToASCII(name)
	if err != nil {
		return "", fmt.Errorf("host %.64q is no domain name: %w", name, err)
	}
	// The mapping lets some labels pass that no look-up would take: they do not map again.
	if again, err := names.ToASCII(ascii); err != nil || again != ascii {
		return "", fmt.Errorf("host %.64q is no domain name", name)
	}
	ascii = strings.TrimSuffix(ascii, ".")
	if len(ascii) > maxHostBytes {
		return "", fmt.Errorf("host of %d bytes, at most %d", len(ascii), maxHostBytes)
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > maxLabelBytes {
			return "", fmt.Errorf("host %.64q has a label of %d bytes, want 1..%d", ascii, len(label), maxLabelBytes)
		}
		if i := strings.IndexFunc(label, func(r rune) bool { return !isHostCharacter(r) }); i >= 0 {
			return "", fmt.Errorf("host %.64q holds %q", ascii, label[i])
		}
	}
	return ascii, nil
}

func isHostCharacter(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}

// parseIPv4 reads an address in all notations of browsers (WHATWG URL, IPv4 parser). A
// name that ends in no number gives an invalid address and no error.
func parseIPv4(name string) (netip.Addr, error) {
	parts := strings.Split(name, ".")
	last := parts[len(parts)-1]
	if strings.Trim(last, "0123456789") != "" {
		if _, ok := parseNumber(last); !ok {
			return netip.Addr{}, nil
		}
	}
	bad := fmt.Errorf("host %.64q ends in a number and is no IPv4 address", name)
	if len(parts) > 4 {
		return netip.Addr{}, bad
	}
	var value uint64
	for i, part := range parts {
		number, ok := parseNumber(part)
		limit := uint64(256)
		if i == len(parts)-1 { // the last part fills all bytes that are left
			limit = 1 << (8 * (5 - len(parts)))
		}
		if !ok || number >= limit {
			return netip.Addr{}, bad
		}
		if i == len(parts)-1 {
			value += number
		} else {
			value += number << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), nil
}

// parseNumber reads 10, 012 or 0xa; "0x" is zero, as in browsers.
func parseNumber(text string) (uint64, bool) {
	base := 10
	switch {
	case strings.HasPrefix(text, "0x"):
		if text, base = text[2:], 16; text == "" {
			return 0, true
		}
	case len(text) > 1 && text[0] == '0':
		text, base = text[1:], 8
	}
	number, err := strconv.ParseUint(text, base, 64)
	return number, err == nil
}

// ParseDomain returns the ASCII form of a domain name as it stands in reports; defanged
// and Unicode names are fine, addresses are not.
func ParseDomain(text string) (string, error) {
	name, err := asciiName(refang(strings.TrimSpace(text)))
	if err != nil {
		return "", err
	}
	if address, err := parseIPv4(name); err != nil || address.IsValid() {
		return "", fmt.Errorf("%.64q is an IP address, not a domain", text)
	}
	if !strings.Contains(name, ".") {
		return "", fmt.Errorf("domain %.64q has no dot", text)
	}
	return name, nil
}

// ParseIP returns an IP address as it stands in reports: IPv4 inside IPv6 as IPv4, no zone.
func ParseIP(text string) (netip.Addr, error) {
	address, err := netip.ParseAddr(refang(strings.TrimSpace(text)))
	if err != nil || address.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%.64q is not an IP address", text)
	}
	return address.Unmap(), nil
}

// RegisteredDomain is the part of a host name that somebody registered: the public suffix
// (https://publicsuffix.org) and one label. It is empty for an address, for a public
// suffix itself, and for a name without a dot.
func RegisteredDomain(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil || !strings.Contains(host, ".") {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	return domain
}

// PublicSuffix is what nobody can register as such, and whether it is one of the DNS
// (icann) or of somebody who gives away names below an own domain.
func PublicSuffix(host string) (suffix string, icann bool) {
	suffix, icann = publicsuffix.PublicSuffix(host)
	return suffix, icann || !strings.Contains(suffix, ".")
}

// Unicode is a host name as people read it.
func Unicode(host string) string {
	text, err := idna.Punycode.ToUnicode(host)
	if err != nil {
		return host
	}
	return text
}
