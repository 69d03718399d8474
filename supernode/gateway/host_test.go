package gateway

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// list reads all pages of a relation.
func (n *node) list(t *testing.T, path string) (ids []string) {
	t.Helper()
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		a := n.get(t, path+"?limit=1&cursor="+cursor)
		require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
		var items []resource
		require.NoError(t, json.Unmarshal(a.Data, &items))
		for _, item := range items {
			ids = append(ids, item.Type+"/"+item.ID)
		}
		cursor, _ = a.Meta["cursor"].(string)
	}
	return ids
}

func TestHostsTellWhatWasSeen(t *testing.T) {
	n := startNode(t, nil)
	for _, text := range []string{
		"http://example.com/", "http://www.example.com/evil", "http://www.example.com/good", "http://www.example.com/new",
		"http://cdn.example.com/", "http://192.0.2.7:8080/x",
	} {
		n.submitURL(t, text).resource(t)
	}
	n.finishURL("http://www.example.com/evil", verdictstypes.OUTCOME_MALICIOUS)
	n.finishURL("http://www.example.com/good", verdictstypes.OUTCOME_CLEAN)
	n.finishURL("http://example.com/", verdictstypes.OUTCOME_SUSPICIOUS, verdictstypes.EngineVerdict{
		Engine: "URLRules", Operator: operator(1), Category: verdictstypes.CATEGORY_SUSPICIOUS, Label: "suspicious:userinfo",
	})

	domain := n.get(t, "/api/v3/domains/WWW.example.com.").resource(t)
	require.Equal(t, "domain", domain.Type)
	require.Equal(t, "www.example.com", domain.ID)
	require.Equal(t, "com", domain.Attributes["tld"])
	require.NotContains(t, domain.Attributes, "last_analysis_stats", "its front page was not analysed")
	require.Equal(t, map[string]any{
		"total": 3., "newest": 3., "malicious": 1., "suspicious": 0., "clean": 1., "undetermined": 0., "pending": 1.,
	}, domain.Attributes["virusmap"].(map[string]any)["urls"])

	domain = n.get(t, "/api/v3/domains/example.com").resource(t)
	require.Equal(t, "http://example.com/", domain.Attributes["virusmap"].(map[string]any)["analysed_url"])
	require.EqualValues(t, 1, domain.Attributes["last_analysis_stats"].(map[string]any)["suspicious"])
	require.Equal(t, map[string]any{"URLRules": "suspicious"}, domain.Attributes["categories"])
	require.Equal(t, "ip_address", n.get(t, "/api/v3/ip_addresses/::ffff:192.0.2.7").resource(t).Type)

	require.Len(t, n.list(t, "/api/v3/domains/www.example.com/urls"), 3)
	require.Equal(t, []string{"url/" + hexOf("http://192.0.2.7:8080/x")}, n.list(t, "/api/v3/ip_addresses/192.0.2.7/urls"))
	require.Equal(t, []string{"domain/cdn.example.com", "domain/www.example.com"}, n.list(t, "/api/v3/domains/example.com/subdomains"))
	require.Equal(t, []string{"domain/cdn.example.com"}, n.list(t, "/api/v3/domains/www.example.com/relationships/siblings"))
	require.Equal(t, "example.com", n.get(t, "/api/v3/domains/www.example.com/immediate_parent").resource(t).ID)
	require.Equal(t, "example.com", n.get(t, "/api/v3/domains/www.example.com/parent").resource(t).ID)
	location := n.get(t, "/api/v3/urls/"+hexOf("http://www.example.com/evil")+"/network_location").resource(t)
	require.Equal(t, "www.example.com", location.ID)
	location = n.get(t, "/api/v3/urls/"+hexOf("http://192.0.2.7:8080/x")+"/relationships/network_location").resource(t)
	require.Equal(t, resource{Type: "ip_address", ID: "192.0.2.7"}, location)
}

func TestHostsThatAreNotHeld(t *testing.T) {
	n := startNode(t, nil)
	n.submitURL(t, "http://a.b.example.com/").resource(t)
	for path, status := range map[string]int{
		"/domains/nowhere.example":               http.StatusNotFound,
		"/domains/b.example.com":                 http.StatusOK, // something below it was seen
		"/domains/192.0.2.1":                     http.StatusBadRequest,
		"/domains/com":                           http.StatusBadRequest,
		"/ip_addresses/example.com":              http.StatusBadRequest,
		"/ip_addresses/192.0.2.1":                http.StatusNotFound,
		"/domains/example.com/parent":            http.StatusNotFound,
		"/domains/a.b.example.com/urls?limit=0":  http.StatusBadRequest,
		"/domains/a.b.example.com/urls?cursor=x": http.StatusBadRequest,
		"/domains/nowhere.example/urls":          http.StatusOK, // an empty list
		"/ip_addresses/192.0.2.1/siblings":       http.StatusNotFound,
	} {
		require.Equal(t, status, n.get(t, "/api/v3"+path).Status, path)
	}
}
