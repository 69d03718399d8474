package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/netip"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// hostList reads one page of a relation of a host.
type hostList func(g *Gateway, r *http.Request, host string, p page) (items []object, next string, err error)

// hostLists are the relations that are lists, and the collections that have them.
var hostLists = map[string]struct {
	of   []string
	read hostList
}{
	"urls":        {[]string{"domains", "ip_addresses"}, urlsOfHost},
	"resolutions": {[]string{"domains", "ip_addresses"}, resolutionsOfHost},
	"subdomains":  {[]string{"domains"}, hostsBy((*index.Index).Subdomains)},
	"siblings":    {[]string{"domains"}, hostsBy((*index.Index).Siblings)},
}

func (g *Gateway) listOfHost(read hostList) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, err := hostOf(r)
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		p, err := pageOf(r)
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		items, next, err := read(g, r, host, p)
		if errors.Is(err, index.ErrCursor) {
			err = invalidArgument("cursor: it is none of this list")
		}
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		g.respondList(w, r, items, next, nil)
	}
}

func urlsOfHost(g *Gateway, r *http.Request, host string, p page) (items []object, next string, err error) {
	urls, next, err := g.deps.Index.URLsAt(r.Context(), host, p.cursor, p.limit)
	if err != nil {
		return nil, "", err
	}
	for _, seen := range urls {
		u := &urlRecord{sha256: seen.SHA256}
		item := object{Type: "url", ID: u.id()}
		if !isDescriptor(r) {
			if u, err = g.readURL(r.Context(), seen.SHA256); err != nil {
				return nil, "", err
			}
			if item, err = g.urlObject(r, u); err != nil {
				return nil, "", err
			}
		}
		items = append(items, item)
	}
	return items, next, nil
}

// hostsBy makes a relation of a look-up of names.
func hostsBy(find func(x *index.Index, ctx context.Context, host, cursor string, limit int) ([]string, string, error)) hostList {
	return func(g *Gateway, r *http.Request, host string, p page) (items []object, next string, err error) {
		names, next, err := find(g.deps.Index, r.Context(), host, p.cursor, p.limit)
		if err != nil {
			return nil, "", err
		}
		for _, name := range names {
			item, err := g.hostObject(r, name, detailOf(r, brief))
			if err != nil {
				return nil, "", err
			}
			items = append(items, item)
		}
		return items, next, nil
	}
}

// resolutionAttributes of an address that a name had when an engine of this node fetched
// something there.
type resolutionAttributes struct {
	Date      int64  `json:"date"` // unix seconds
	HostName  string `json:"host_name"`
	IPAddress string `json:"ip_address"`
}

func (g *Gateway) resolutionObject(r *http.Request, found index.Resolution) object {
	if isDescriptor(r) {
		return object{Type: "resolution", ID: found.ID}
	}
	return object{
		Type: "resolution", ID: found.ID, Links: map[string]string{"self": g.link(r, "resolutions", found.ID)},
		Attributes: resolutionAttributes{found.Time, found.Host, found.IP},
	}
}

func resolutionsOfHost(g *Gateway, r *http.Request, host string, p page) (items []object, next string, err error) {
	found, next, err := g.deps.Index.Resolutions(r.Context(), host, p.cursor, p.limit)
	for _, resolution := range found {
		items = append(items, g.resolutionObject(r, resolution))
	}
	return items, next, err
}

// getResolution answers one by its id, which is the address and the name in one word.
func (g *Gateway) getResolution(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	found, err := g.deps.Index.Resolution(r.Context(), id)
	if errors.Is(err, index.ErrNotFound) {
		fail(w, r, notFound("Resolution %.300q not found", id))
		return
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, g.resolutionObject(r, found), nil)
}

// registeredAbove is the registered domain of a host that is below it.
func registeredAbove(host string) string {
	if domain := weburl.RegisteredDomain(host); domain != host {
		return domain
	}
	return ""
}

// getParent answers a domain above the one that a path names.
func (g *Gateway) getParent(above func(host string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, err := hostOf(r)
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		parent := above(host)
		if _, err := netip.ParseAddr(host); err == nil || parent == "" {
			fail(w, r, notFound("%q has no domain above it", host))
			return
		}
		item, err := g.hostObject(r, parent, detailOf(r, full))
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		respond(w, r, item, nil)
	}
}
