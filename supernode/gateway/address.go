package gateway

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxForwards bounds the proxies that a request may have come through.
const maxForwards = 16

// parseProxies reads the networks of trusted_proxies.
func parseProxies(networks []string) ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, 0, len(networks))
	for _, network := range networks {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return nil, err
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

// addressOf is where a request comes from: the connection's other end or, as long as that
// is a trusted proxy, whom the proxy names last in X-Forwarded-For. What stands further
// left was written by strangers.
func addressOf(r *http.Request, proxies []netip.Prefix) netip.Addr {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := remote.Addr().Unmap().WithZone("")
	forwards := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for range maxForwards {
		if !within(address, proxies) || len(forwards) == 0 {
			break
		}
		last := len(forwards) - 1
		before, err := netip.ParseAddr(strings.TrimSpace(forwards[last]))
		if err != nil {
			break
		}
		address, forwards = before.Unmap().WithZone(""), forwards[:last]
	}
	return address
}

func within(address netip.Addr, networks []netip.Prefix) bool {
	for _, network := range networks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// siteOf is what counts as one visitor: an IPv4 address, or an IPv6 network of 64 bits, of
// which everybody has as many addresses as he likes.
func siteOf(address netip.Addr) netip.Prefix {
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	site, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // of no address: all such share one allowance
	}
	return site
}
