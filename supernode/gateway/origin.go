package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

var errForeignOrigin = forbidden("requests without an API key are taken from this supernode's own pages only, not from other sites")

// checkOrigin refuses what another site makes a browser send. Browsers tell in
// Sec-Fetch-Site where a request comes from, and pages cannot set it; older ones tell in
// Origin. Programs that are no browsers send neither.
func (g *Gateway) checkOrigin(r *http.Request) error {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none": // none is a person, or an extension with the right to
		return nil
	case "":
	default:
		return errForeignOrigin
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 || (len(origins) == 1 && g.isOwnOrigin(r, origins[0])) {
		return nil
	}
	return errForeignOrigin
}

// isOwnOrigin compares hosts with ports; behind a proxy the scheme is not known here.
func (g *Gateway) isOwnOrigin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return false
	}
	if strings.EqualFold(u.Host, r.Host) {
		return true
	}
	own, err := url.Parse(g.cfg.PublicURL)
	return err == nil && own.Scheme == u.Scheme && strings.EqualFold(own.Host, u.Host)
}
