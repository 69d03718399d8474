package gateway

import (
	"context"
	"errors"
	"net/netip"

	"github.com/virusmap/virusmap/supernode/index"
)

// dnsRecord is one that a name had. How long it may be kept is not known.
type dnsRecord struct {
	Type  string `json:"type"` // A or AAAA
	Value string `json:"value"`
}

// addFetched adds what an engine of this node learned about a host when it fetched something
// there: the address that it went to, and the certificate that was presented.
func (g *Gateway) addFetched(ctx context.Context, host string, a *hostAttributes) error {
	resolution, err := g.deps.Index.NewestResolution(ctx, host)
	switch {
	case err == nil:
		record := dnsRecord{Type: "A", Value: resolution.IP}
		if address, err := netip.ParseAddr(resolution.IP); err == nil && address.Is6() {
			record.Type = "AAAA"
		}
		a.LastDNSRecords, a.LastDNSRecordsDate = []dnsRecord{record}, resolution.Time
	case !errors.Is(err, index.ErrNotFound):
		return err
	}
	certificate, err := g.deps.Index.Certificate(ctx, host)
	if errors.Is(err, index.ErrNotFound) {
		return nil
	}
	a.LastHTTPSCertificate, a.LastHTTPSCertificateDate = certificate.JSON, certificate.Time
	return err
}
