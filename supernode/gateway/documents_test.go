package gateway

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/gateway/openapi"
)

// described lists the routes of a document as patterns of http.ServeMux: under every server
// of their own, or of the document.
func described(t *testing.T, read func() ([]byte, error)) []string {
	t.Helper()
	encoded, err := read()
	require.NoError(t, err)
	type server struct {
		URL string `json:"url"`
	}
	var document struct {
		Servers []server
		Paths   map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(encoded, &document))
	var patterns []string
	for route, item := range document.Paths {
		servers := document.Servers
		if own, ok := item["servers"]; ok {
			servers = nil
			require.NoError(t, json.Unmarshal(own, &servers))
		}
		if len(servers) == 0 {
			servers = []server{{"/"}}
		}
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if item[method] == nil {
				continue
			}
			for _, s := range servers {
				patterns = append(patterns, strings.ToUpper(method)+" "+path.Join(s.URL, route))
			}
		}
	}
	slices.Sort(patterns)
	return patterns
}

// registered are the patterns of tables without those that no document can have.
func registered(tables ...*routeTable) []string {
	var patterns []string
	for _, table := range tables {
		for _, pattern := range table.patterns {
			if !strings.HasPrefix(pattern, "OPTIONS ") {
				patterns = append(patterns, pattern)
			}
		}
	}
	slices.Sort(patterns)
	return patterns
}

// withoutNames describes the relations of a kind by one pattern; their names are in /metadata.
func (n *node) withoutNames(patterns []string) []string {
	of := make(map[string]string)
	for _, k := range n.kinds {
		for _, base := range []string{apiBase, uiBase} {
			item := "GET " + base + "/" + k.path + "/{id}/"
			for _, rel := range k.relations {
				of[item+rel.name], of[item+"relationships/"+rel.name] = item+"{relationship}", item+"relationships/{relationship}"
			}
		}
	}
	for i, pattern := range patterns {
		if whole, found := of[pattern]; found {
			patterns[i] = whole
		}
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// TestDocumentsSayWhatIsServed holds the documents against the routes, both ways.
func TestDocumentsSayWhatIsServed(t *testing.T) {
	n := startNode(t, nil)
	require.Equal(t, n.withoutNames(registered(n.apiRoutes(), n.uiRoutes(), n.rootRoutes())), described(t, openapi.VirusTotal),
		"every route stands in supernode/gateway/openapi/virustotal/, and nothing else does")

	native := described(t, openapi.Node)
	isChain := func(pattern string) bool { return strings.Contains(pattern, " "+chainBase+"/") }
	require.Equal(t, registered(n.ownRoutes()), slices.DeleteFunc(slices.Clone(native), isChain),
		"every route stands in proto/virusmap/node/v1, or in openapi/node_more.json")
	chain := n.chainRoutes()
	for _, pattern := range slices.DeleteFunc(native, func(pattern string) bool { return !isChain(pattern) }) {
		method, target, _ := strings.Cut(pattern, " ")
		request, err := http.NewRequest(method, target, nil)
		require.NoError(t, err)
		_, found := chain.ServeMux.Handler(request)
		require.NotEmpty(t, found, pattern)
	}
}

func TestDocsPage(t *testing.T) {
	n := startNode(t, nil)
	for target, kind := range map[string]string{
		"/docs/": "text/html; charset=utf-8", "/docs": "text/html; charset=utf-8", "/docs/docs.js": "text/javascript; charset=utf-8",
		"/docs/docs.css": "text/css; charset=utf-8", "/docs/node.json": "application/json", "/docs/chain.json": "application/json",
		"/docs/virustotal.json": "application/json",
	} {
		answer, err := http.Get(n.url + target)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, http.StatusOK, answer.StatusCode, target)
		require.Equal(t, kind, answer.Header.Get("Content-Type"), target)
		policy := answer.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", target)
		require.NotContains(t, policy, "unsafe", target)
		require.Equal(t, target, answer.Request.URL.Path, "nothing is redirected")
	}
	for _, target := range []string{"/docs/none", "/docs/../docs.go", "/docs/page/index.html"} {
		require.Equal(t, http.StatusNotFound, n.anonymously(t, "GET", target, "").Status, target)
	}
}
