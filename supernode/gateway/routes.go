package gateway

import (
	"net/http"
	"path"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/virusmap/virusmap/web"
)

const (
	apiBase = "/api/v3" // of clients, which have a key
	// uiBase is where the page that this node serves finds the same, without a key.
	uiBase   = "/ui"
	ipfsBase = "/ipfs" // where IPFS gateways have it
)

// apiRoots are the first elements of the paths that are no pages.
var apiRoots = map[string]bool{
	"api": true, "chain": true, "docs": true, "healthz": true, "ipfs": true, "metrics": true,
	"ui": true, "virusmap": true, "vtapi": true,
}

// routes builds the HTTP API of its groups. Whatever they do not know is a JSON 404 too, for
// clients that parse every answer; any other path is a page of the web application.
func (g *Gateway) routes() http.Handler {
	root := g.rootRoutes()
	api, own := g.apiRoutes(), g.ownRoutes()
	mount := func(base string, table *routeTable, handler http.Handler) {
		table.ServeMux.HandleFunc("/", unknownResource)
		root.Handle(base, http.HandlerFunc(unknownResource)) // instead of a redirect
		root.Handle(base+"/", g.metrics.observed(table.ServeMux, handler))
	}
	mount(apiBase, api, g.authenticated(api))
	root.Handle(ipfsBase+"/", g.metrics.observed(api.ServeMux, g.authenticated(api)))
	root.HandleFunc(ipfsBase, unknownResource)
	mount(nodeBase, own, own)
	legacy := g.v2Routes()
	mount(v2Base, legacy, g.v2Authenticated(legacy))
	root.HandleFunc("/", unknownResource)
	if g.cfg.Web {
		ui, chain := g.uiRoutes(), g.chainRoutes()
		mount(uiBase, ui, g.welcomed(ui))
		mount(chainBase, chain, chain)
	}
	return guarded(cleanPaths(g.withPages(root)))
}

// withPages gives the web application every path that is not below one of an API.
func (g *Gateway) withPages(next http.Handler) http.Handler {
	if !g.cfg.Web {
		return next
	}
	pages := web.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !apiRoots[first] {
			pages.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// groups are the routes that API and page share.
func (g *Gateway) groups(mux *routeTable, base string) {
	g.itemRoutes(mux, base)
	g.fileRoutes(mux, base)
	g.historyRoutes(mux, base)
	g.analysisRoutes(mux, base)
	g.urlRoutes(mux, base)
	g.hostRoutes(mux, base)
	g.privateRoutes(mux, base)
	g.commentRoutes(mux, base)
	g.voteRoutes(mux, base)
	g.collectionRoutes(mux, base)
	g.searchRoutes(mux, base)
	g.metadataRoutes(mux, base)
	g.userRoutes(mux, base)
	g.rescanRoutes(mux, base)
	g.downloadRoutes(mux, base)
	g.bundleRoutes(mux, base)
}

func (g *Gateway) apiRoutes() *routeTable {
	api := newRouteTable()
	g.groups(api, apiBase)
	g.feedRoutes(api, apiBase)
	g.adminRoutes(api, apiBase)
	api.HandleFunc("GET "+ipfsBase+"/{cid}", g.getCiphertext)
	return api
}

func (g *Gateway) uiRoutes() *routeTable {
	ui := newRouteTable()
	g.groups(ui, uiBase)
	return ui
}

func (g *Gateway) ownRoutes() *routeTable {
	own := newRouteTable()
	g.nativeRoutes(own)
	if g.cfg.WalletKeys {
		g.keyRoutes(own)
	}
	return own
}

// rootRoutes are what is no API: for those who run the node, and for readers.
func (g *Gateway) rootRoutes() *routeTable {
	root := newRouteTable()
	root.HandleFunc("GET /healthz", g.getHealth)
	root.Handle("GET /metrics", promhttp.HandlerFor(g.deps.Metrics, promhttp.HandlerOpts{}))
	root.ServeMux.Handle("GET /docs", g.docs)
	root.ServeMux.Handle("GET /docs/{file...}", g.docs)
	return root
}

// countedInRate leaves out polling, as an error would end a client's wait for what goes on all
// the same, and feeds, which are paid by the period.
func countedInRate(r *http.Request) bool {
	path := strings.TrimPrefix(r.URL.Path, apiBase)
	return !isPolled(path) && !strings.HasPrefix(path, "/feeds/")
}

// isPolled tells whether a path below a base is that of an analysis or of a ZIP file itself;
// what an analysis is related to is looked up as anywhere else.
func isPolled(path string) bool {
	for _, polled := range []string{"/analyses/", "/private/analyses/", "/intelligence/zip_files/"} {
		if id, found := strings.CutPrefix(path, polled); found {
			return !strings.Contains(id, "/")
		}
	}
	return false
}

func unknownResource(w http.ResponseWriter, r *http.Request) {
	fail(w, r, notFound("Resource not found"))
}

// cleanPaths refuses what http.ServeMux would redirect with an HTML body.
func cleanPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; p != "/" && path.Clean(p) != strings.TrimSuffix(p, "/") {
			unknownResource(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// link is the absolute URL of a path below the base that a request came through.
func (g *Gateway) link(r *http.Request, elements ...string) string {
	base := apiBase
	if strings.HasPrefix(r.URL.Path, uiBase+"/") {
		base = uiBase
	}
	return g.base(r) + base + "/" + strings.Join(elements, "/")
}

// base is the configured URL of this gateway, or the one that a request was sent to.
func (g *Gateway) base(r *http.Request) string {
	if g.cfg.PublicURL != "" {
		return strings.TrimSuffix(g.cfg.PublicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
