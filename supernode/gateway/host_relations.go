package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// hostList reads one page of a relation of a host.
type hostList func(g *Gateway, r *http.Request, host string, p page) (items []object, next string, err error)

// hostList makes a relation of it.
func (g *Gateway) hostList(read hostList) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, host string, p page) (related, error) {
		items, next, err := read(g, r, host, p)
		if errors.Is(err, index.ErrCursor) {
			err = invalidArgument("cursor: it is none of this list")
		}
		return related{items: items, next: next}, err
	}
}

func urlsOfHost(g *Gateway, r *http.Request, host string, p page) (items []object, next string, err error) {
	urls, next, err := g.deps.Index.URLsAt(r.Context(), host, p.cursor, p.limit)
	if err != nil {
		return nil, "", err
	}
	for _, seen := range urls {
		u := &urlRecord{sha256: seen.SHA256}
		item := object{Type: "url", ID: u.id(), ContextAttributes: urlContext{seen.URL}}
		if !p.descriptors {
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
			item, err := g.hostObject(r, name, p.detail(brief))
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

// maxResolutionID is longer than an address and a name together.
const maxResolutionID = 320

// getResolution answers one by its id, which is the address and the name in one word.
func (g *Gateway) getResolution(w http.ResponseWriter, r *http.Request) {
	id, err := shortID(r.PathValue("id"), maxResolutionID)
	var found index.Resolution
	if err == nil {
		found, err = g.deps.Index.Resolution(r.Context(), id)
	}
	if errors.Is(err, index.ErrNotFound) {
		err = notFound("Resolution %q not found", id)
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

// parent is a domain above a host.
func (g *Gateway) parent(above func(host string) string) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, host string, p page) (related, error) {
		found := above(host)
		if found == "" {
			return related{}, notFound("%q has no domain above it", host)
		}
		item, err := g.hostObject(r, found, p.detail(full))
		return related{one: true, items: []object{item}}, err
	}
}
