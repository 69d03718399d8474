package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/weburl"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// filetypeURL is the type tag of a sample of kind URL.
const filetypeURL = "url"

func (g *Gateway) urlRoutes(mux *routeTable, base string) {
	mux.HandleFunc("POST "+base+"/urls", g.postURL)
	mux.HandleFunc("GET "+base+"/urls/{id}", g.getURL)
	mux.HandleFunc("POST "+base+"/urls/{id}/analyse", g.postURLAnalyse)
	for _, form := range []string{"", "/relationships"} {
		mux.HandleFunc("GET "+base+"/urls/{id}"+form+"/network_location", g.getNetworkLocation)
	}
}

// isURL tells whether what is known of a sample is of a URL.
func isURL(v *view, local *index.File) bool {
	if v.sample != nil {
		return v.sample.Kind == samplestypes.KIND_URL
	}
	return local != nil && local.TypeTag == filetypeURL
}

// urlRecord is what is known of a URL.
type urlRecord struct {
	sha256  [32]byte
	seen    *index.URL     // nil when this node did not take it in
	local   *index.File    // its submissions here; nil with seen
	fetched *index.Fetched // nil when this node's engines did not fetch it
	view    *view
}

func (u *urlRecord) id() string { return hex.EncodeToString(u.sha256[:]) }

// urlByID reads what is known of the URL that a path names. Errors: an *apiError for the
// client.
func (g *Gateway) urlByID(r *http.Request) (*urlRecord, error) {
	id := r.PathValue("id")
	sha256, err := weburl.ParseID(id)
	if err != nil {
		return nil, invalidArgument("%v", err)
	}
	u, err := g.readURL(r.Context(), sha256)
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, notFound("URL %.80q not found", id)
	}
	return u, nil
}

// readURL returns nil when nothing is known.
func (g *Gateway) readURL(ctx context.Context, sha256 [32]byte) (*urlRecord, error) {
	u := &urlRecord{sha256: sha256}
	seen, err := g.deps.Index.URL(ctx, sha256)
	if err == nil {
		u.seen = &seen
	} else if !errors.Is(err, index.ErrNotFound) {
		return nil, err
	}
	if file, err := g.deps.Index.File(ctx, sha256[:]); err == nil && file.TypeTag == filetypeURL {
		u.local = &file
	} else if err != nil && !errors.Is(err, index.ErrNotFound) {
		return nil, err
	}
	if fetched, err := g.deps.Index.Fetched(ctx, sha256); err == nil {
		u.fetched = &fetched
	} else if !errors.Is(err, index.ErrNotFound) {
		return nil, err
	}
	if u.view, err = g.look(ctx, sha256); err != nil {
		return nil, err
	}
	if u.seen == nil && !isURL(u.view, u.local) {
		return nil, nil
	}
	return u, nil
}

// getURL answers the report of a URL by either form of its id.
func (g *Gateway) getURL(w http.ResponseWriter, r *http.Request) {
	u, err := g.urlByID(r)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	item, err := g.urlObject(r, u)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, item, nil)
}

func (g *Gateway) urlObject(r *http.Request, u *urlRecord) (object, error) {
	attributes, err := selected(g.urlAttributesOf(u), r)
	if err != nil {
		return object{}, err
	}
	return object{
		Type: "url", ID: u.id(), Links: map[string]string{"self": g.link(r, "urls", u.id())}, Attributes: attributes,
	}, nil
}

// getNetworkLocation answers the domain or address that a URL is at.
func (g *Gateway) getNetworkLocation(w http.ResponseWriter, r *http.Request) {
	u, err := g.urlByID(r)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	if u.seen == nil {
		fail(w, r, notFound("URL %q is known by its hash alone", u.id()))
		return
	}
	item, err := g.hostObject(r, u.seen.Host, detailOf(r, full))
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, item, nil)
}
