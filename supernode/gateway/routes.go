package gateway

import (
	"net/http"
	"path"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	apiBase = "/api/v3" // of clients, which have a key
	// uiBase is where the page that this node serves finds the same, without a key.
	uiBase   = "/ui"
	ipfsBase = "/ipfs" // where IPFS gateways have it
)

// routes builds the HTTP API of the groups, each of which registers its own. Whatever it
// does not know is a JSON 404 too, for clients that parse every answer.
func (g *Gateway) routes() http.Handler {
	api := http.NewServeMux()
	g.itemRoutes(api, apiBase)
	g.commentRoutes(api, apiBase)
	g.voteRoutes(api, apiBase)
	g.collectionRoutes(api, apiBase)
	g.searchRoutes(api, apiBase)
	g.metadataRoutes(api, apiBase)
	g.userRoutes(api, apiBase)
	g.rescanRoutes(api, apiBase)
	g.downloadRoutes(api, apiBase)
	g.bundleRoutes(api, apiBase)
	g.fileRoutes(api, apiBase)
	g.analysisRoutes(api, apiBase)
	g.feedRoutes(api, apiBase)
	api.HandleFunc("GET "+ipfsBase+"/{cid}", g.getCiphertext)
	api.HandleFunc("/", unknownResource)

	own := http.NewServeMux()
	g.keyRoutes(own)
	own.HandleFunc("/", unknownResource)

	legacy := http.NewServeMux()
	g.v2Routes(legacy)

	root := http.NewServeMux()
	authenticated := g.metrics.observed(api, g.authenticated(api))
	root.Handle(apiBase+"/", authenticated)
	root.Handle(ipfsBase+"/", authenticated)
	root.Handle(v2Base+"/", g.metrics.observed(legacy, g.v2Authenticated(legacy)))
	if g.cfg.WalletKeys {
		root.Handle(nodeBase+"/", g.metrics.observed(own, own))
	}
	root.HandleFunc("GET /healthz", g.getHealth)
	root.Handle("GET /metrics", promhttp.HandlerFor(g.deps.Metrics, promhttp.HandlerOpts{}))
	root.HandleFunc("/", unknownResource)
	return cleanPaths(root)
}

// countedInRate leaves out polling, as an error would end a client's wait for an analysis
// that goes on all the same, and feeds, which are paid by the period.
func countedInRate(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, apiBase+"/analyses/") && !strings.HasPrefix(r.URL.Path, apiBase+"/feeds/")
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
