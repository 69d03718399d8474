package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/weburl"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// filetypeURL is the type tag of a sample of kind URL.
const filetypeURL = "url"

func (g *Gateway) urlRoutes(mux *routeTable, base string) {
	mux.HandleFunc("POST "+base+"/urls", g.postURL)
	mux.HandleFunc("POST "+base+"/urls/{id}/analyse", g.postURLAnalyse)
}

// urlKind are URLs by either form of their id.
func (g *Gateway) urlKind() *itemKind {
	return &itemKind{
		name: "url", path: "urls", discussed: true,
		resolve: resolveURL,
		object: func(r *http.Request, id string) (object, error) {
			u, err := g.knownURL(r, id)
			if err != nil {
				return object{}, err
			}
			return g.urlObject(r, u)
		},
		relations: []relation{
			{"network_location", "The domain or address that the URL is at.", g.networkLocation},
			{"last_serving_ip_address", "The address that answered when an engine of this node fetched the URL.", g.servingAddress},
			{"analyses", "Analyses that this gateway promised of the URL, newest first.", g.analysesOf("url")},
			{"submissions", "Submissions of the URL that this gateway has seen, newest first.", g.submissionsOf("url")},
		},
	}
}

// resolveURL is the SHA-256 in hex of a URL that a client named by either form of its id.
func resolveURL(_ *http.Request, written string) (string, error) {
	id, err := weburl.ParseID(written)
	if err != nil {
		return "", invalidArgument("%v", err)
	}
	return hex.EncodeToString(id[:]), nil
}

// knownURL reads what is known of a URL by its id. Errors: an *apiError for the client.
func (g *Gateway) knownURL(r *http.Request, id string) (*urlRecord, error) {
	hash, err := sampleID(id)
	if err != nil {
		return nil, err
	}
	u, err := g.readURL(r.Context(), hash)
	if err == nil && u == nil {
		err = notFound("URL %.80q not found", id)
	}
	return u, err
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

// readURL returns nil when nothing is known.
func (g *Gateway) readURL(ctx context.Context, sha256 [32]byte) (*urlRecord, error) {
	u, err := g.seenURL(ctx, sha256)
	if err != nil {
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

// seenURL is what this node saw of a URL, which may be nothing.
func (g *Gateway) seenURL(ctx context.Context, sha256 [32]byte) (*urlRecord, error) {
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
	return u, nil
}

func (g *Gateway) urlObject(r *http.Request, u *urlRecord) (object, error) {
	attributes := g.urlAttributesOf(u)
	var err error
	attributes.communityAttributes, err = g.communityOf(r.Context(), "url", u.id())
	return object{
		Type: "url", ID: u.id(), Links: map[string]string{"self": g.link(r, "urls", u.id())}, Attributes: attributes,
	}, err
}

// urlDescriptor names a URL, by itself too where that is known: VirusTotal's clients read it
// from the context attributes.
func (g *Gateway) urlDescriptor(r *http.Request, id string) (object, error) {
	bare := object{Type: "url", ID: id}
	hash, err := sampleID(id)
	if err != nil {
		return bare, err
	}
	seen, err := g.deps.Index.URL(r.Context(), hash)
	if errors.Is(err, index.ErrNotFound) {
		return bare, nil
	}
	bare.ContextAttributes = urlContext{seen.URL}
	return bare, err
}

// urlContext are the context attributes of a URL in a list of descriptors.
type urlContext struct {
	URL string `json:"url"`
}

// servingAddress is the address that a URL was fetched from, or nothing.
func (g *Gateway) servingAddress(r *http.Request, id string, p page) (related, error) {
	u, err := g.knownURL(r, id)
	if err != nil || u.fetched == nil || u.fetched.IP == "" {
		return related{one: true}, err
	}
	item, err := g.itemObject(r, community.Item{Type: "ip_address", ID: u.fetched.IP}, p.detail(full))
	return related{one: true, items: []object{item}}, err
}

// networkLocation is the domain or address that a URL is at.
func (g *Gateway) networkLocation(r *http.Request, id string, p page) (related, error) {
	u, err := g.knownURL(r, id)
	if err != nil {
		return related{}, err
	}
	if u.seen == nil {
		return related{}, notFound("URL %q is known by its hash alone", id)
	}
	item, err := g.hostObject(r, u.seen.Host, p.detail(full))
	return related{one: true, items: []object{item}}, err
}
