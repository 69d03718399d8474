package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Guard decides which addresses are connected to. It resolves a name once, checks every
// address it has, and connects to one of those: a name that means something else a moment
// later changes nothing.
type Guard struct {
	// Allow are addresses that are connected to although they are not public.
	Allow []netip.AddrPort
	// Deny are networks that are not connected to although they are public.
	Deny []netip.Prefix
	// Ports that are connected to.
	Ports []uint16
	// Nameserver is asked instead of the system's; invalid for none.
	Nameserver netip.AddrPort
}

// RefusedError tells why an address is not connected to.
type RefusedError struct{ reason string }

func (e *RefusedError) Error() string { return e.reason }

func refuse(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }

// special are networks that belong to nobody or to the machine's surroundings (IANA's
// special-purpose registries), as far as netip does not tell them.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32", // the last one serves metadata in a large cloud
	"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// global is what IANA has given out of IPv6.
var global = netip.MustParsePrefix("2000::/3")

// check refuses what is not a public address of another machine.
func (g *Guard) check(to netip.AddrPort) error {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	address := to.Addr()
	if slices.Contains(g.Allow, to) {
		return nil
	}
	within := func(p netip.Prefix) bool { return p.Contains(address) }
	switch {
	case !slices.Contains(g.Ports, to.Port()):
		return refuse("port %d is not fetched from", to.Port())
	case !address.IsGlobalUnicast(), address.IsPrivate(), slices.ContainsFunc(special, within), address.Is6() && !global.Contains(address):
		return refuse("address %s is not a public one", address)
	case slices.ContainsFunc(g.Deny, within):
		return refuse("address %s is in a network that is not fetched from", address)
	case isOwn(address):
		return refuse("address %s is this machine's own", address)
	}
	return nil
}

// isOwn tells whether an address is one of this machine.
func isOwn(address netip.Addr) bool {
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return true // nothing is safe to connect to
	}
	return slices.ContainsFunc(interfaces, func(a net.Addr) bool {
		network, ok := a.(*net.IPNet)
		if !ok {
			return false
		}
		own, ok := netip.AddrFromSlice(network.IP)
		return ok && own.Unmap() == address
	})
}

// resolve returns the addresses of a host. One that may not be connected to spoils all.
func (g *Guard) resolve(ctx context.Context, u weburl.URL) ([]netip.AddrPort, error) {
	number, err := strconv.ParseUint(u.EffectivePort(), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("port: %w", err)
	}
	addresses := []netip.Addr{u.Address}
	if !u.Address.IsValid() {
		if addresses, err = g.lookUp(ctx, u.Host); err != nil {
			return nil, err
		}
	}
	var all []netip.AddrPort
	for _, address := range addresses {
		to := netip.AddrPortFrom(address.Unmap(), uint16(number))
		if err := g.check(to); err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	return all, nil
}

func (g *Guard) lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	resolver := &net.Resolver{PreferGo: true}
	if g.Nameserver.IsValid() {
		resolver.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, g.Nameserver.String())
		}
	}
	// The final dot keeps search domains of this machine's own network out.
	return resolver.LookupNetIP(ctx, "ip", host+".")
}

// maxDials bounds how many addresses of a host are tried.
const maxDials = 3

// dial connects to a host and returns the socket and its address.
func (g *Guard) dial(ctx context.Context, u weburl.URL) (*os.File, netip.AddrPort, error) {
	addresses, err := g.resolve(ctx, u)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	for _, to := range addresses[:min(len(addresses), maxDials)] {
		var socket *os.File
		if socket, err = connect(ctx, to); err == nil {
			return socket, to, nil
		}
	}
	if err == nil {
		err = errors.New("host has no address")
	}
	return nil, netip.AddrPort{}, err
}

func connect(ctx context.Context, to netip.AddrPort) (*os.File, error) {
	dialer := net.Dialer{Timeout: 4 * time.Second, KeepAlive: -1}
	conn, err := dialer.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close() // File makes a copy
	return conn.(*net.TCPConn).File()
}
