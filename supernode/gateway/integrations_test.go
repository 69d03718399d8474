package gateway

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// related are the relationships that an answer has, as integrations read them: the data is a
// list that can be gone through.
func relatedIn(t *testing.T, a answer) map[string][]object {
	t.Helper()
	require.Equal(t, 200, a.Status, string(a.Raw))
	var found struct {
		Relationships map[string]struct {
			Data []object `json:"data"`
		} `json:"relationships"`
	}
	decode(t, a.Data, &found)
	lists := make(map[string][]object)
	for name, relationship := range found.Relationships {
		lists[name] = relationship.Data
	}
	return lists
}

// TestIntelOwl sends what IntelOwl's analyzers of VirusTotal's API v3 send.
func TestIntelOwl(t *testing.T) {
	n := startNode(t, nil)
	n.judged(t, "content")
	const page = "http://www.example.com/a"
	n.submitURL(t, page).resource(t)

	names := []string{
		"behaviours", "bundled_files", "comments", "contacted_domains", "contacted_ips", "contacted_urls", "execution_parents",
		"pe_resource_parents", "votes", "distributors", "pe_resource_children", "dropped_files", "collections",
	}
	n.post(t, "/api/v3/files/"+hexOf("content")+"/comments", commentBody("text")).resource(t)
	lists := relatedIn(t, n.get(t, "/api/v3/files/"+hexOf("content")+"?relationships="+strings.Join(names, ",")))
	for _, name := range names {
		require.NotNil(t, lists[name], name)
	}
	require.Len(t, lists["comments"], 1)
	require.Len(t, n.get(t, "/api/v3/files/"+hexOf("content")+"/comments?limit=40").list(t), 1, "what is there is asked for")
	require.Empty(t, lists["contacted_urls"])

	lists = relatedIn(t, n.get(t, "/api/v3/domains/www.example.com?relationships="+
		"communicating_files,historical_whois,referrer_files,resolutions,siblings,subdomains,collections,historical_ssl_certificates"))
	require.Len(t, lists, 8)

	id := base64.RawURLEncoding.EncodeToString([]byte(page))
	url := n.get(t, "/api/v3/urls/"+id+"?relationships=last_serving_ip_address,collections,network_location")
	require.Contains(t, string(url.Data), `"last_serving_ip_address":{"data":null`)
	require.NoError(t, n.index.SaveFetched(context.Background(), [32]byte(mustHash(t, hexOf(page))), index.Fetched{
		FinalURL: page, Status: 200, IP: "192.0.2.7", Time: 1_900_000_000,
	}))
	url = n.get(t, "/api/v3/urls/"+id+"?relationships=last_serving_ip_address")
	require.Contains(t, string(url.Data), `"data":{"type":"ip_address","id":"192.0.2.7"}`)

	require.Len(t, n.get(t, "/api/v3/intelligence/search?limit=300&order=size-&query="+hexOf("content")).list(t), 1)
	require.Equal(t, 400, n.get(t, "/api/v3/intelligence/search?limit=301&query=x").Status)
	unknown := n.get(t, "/api/v3/files/"+hexOf("none"))
	require.Equal(t, 404, unknown.Status)
	require.Equal(t, "NotFoundError", unknown.Err.Code)
}

// TestMISP walks the relations that MISP's expansion modules walk; they stop at an error.
func TestMISP(t *testing.T) {
	n := startNode(t, nil)
	n.judged(t, "content")
	n.submitURL(t, "http://www.example.com/a").resource(t)
	n.submitURL(t, "http://192.0.2.1/").resource(t)
	for item, names := range map[string]string{
		"domains/www.example.com":               "siblings subdomains resolutions communicating_files downloaded_files referrer_files urls",
		"ip_addresses/192.0.2.1":                "resolutions urls",
		"urls/aHR0cDovL3d3dy5leGFtcGxlLmNvbS9h": "communicating_files downloaded_files referrer_files",
		"files/" + hexOf("content"):             "itw_urls contacted_urls contacted_domains contacted_ips",
	} {
		for _, name := range strings.Fields(names) {
			n.get(t, "/api/v3/"+item+"/"+name).list(t)
		}
	}
	stats := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes["last_analysis_stats"].(map[string]any)
	for _, category := range []string{"malicious", "suspicious", "undetected", "harmless"} {
		require.IsType(t, 0.0, stats[category], "counted without asking whether it is there")
	}
}

// TestMISPByV2 reads what its module of API v2 reads without asking whether it is there.
func TestMISPByV2(t *testing.T) {
	n := startNode(t, nil)
	for _, text := range []string{"http://example.com/", "http://www.example.com/a", "http://cdn.example.com/", "http://192.0.2.1/"} {
		n.submitURL(t, text).resource(t)
	}
	_, domain := n.v2(t, "GET", "/domain/report", "domain", "www.example.com")
	require.Equal(t, []any{"cdn.example.com"}, domain["domain_siblings"])
	require.Equal(t, []any{}, domain["subdomains"])
	require.Equal(t, []any{}, domain["resolutions"])
	_, domain = n.v2(t, "GET", "/domain/report", "domain", "example.com")
	require.Equal(t, []any{"cdn.example.com", "www.example.com"}, domain["subdomains"])
	_, address := n.v2(t, "GET", "/ip-address/report", "ip", "192.0.2.1")
	require.Equal(t, []any{}, address["resolutions"])
	require.NotContains(t, address, "subdomains")
	_, unknown := n.v2(t, "GET", "/domain/report", "domain", "unknown.example")
	require.Equal(t, 0.0, unknown["response_code"])
	require.NotContains(t, unknown, "resolutions")
}

// TestCortex sends what the analyzer of Cortex sends, and takes answers apart as it does.
func TestCortex(t *testing.T) {
	n := startNode(t, nil)
	analysis := n.upload(t, file("content")).resource(t)
	decoded, err := base64.StdEncoding.DecodeString(analysis.ID)
	require.NoError(t, err)
	hash, _, _ := strings.Cut(string(decoded), ":")
	require.Len(t, hash, 32)
	require.Equal(t, hexOf("content"), n.get(t, "/api/v3/files/"+hash).resource(t).ID)
	for _, name := range []string{"contacted_domains", "contacted_ips", "contacted_urls"} {
		a := n.get(t, "/api/v3/files/"+hash+"/"+name)
		require.Empty(t, a.list(t))
		require.EqualValues(t, 0, a.Meta["count"], "read without asking whether it is there")
	}
	scan := n.submitURL(t, "http://www.example.com/").resource(t)
	require.Equal(t, hexOf("http://www.example.com/"), strings.Split(scan.ID, "-")[1])
	for _, name := range []string{"urls", "downloaded_files", "referrer_files"} {
		n.get(t, "/api/v3/domains/www.example.com/"+name).list(t)
	}
	require.EqualValues(t, 0, n.get(t, "/api/v3/domains/www.example.com/downloaded_files").Meta["count"])
}

// TestUnfilledRelations are lists of nothing, of what is known alone.
func TestUnfilledRelations(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	for path, status := range map[string]int{
		"files/" + hexOf("content") + "/behaviours":               200,
		"files/" + hexOf("content") + "/relationships/behaviours": 200,
		"files/" + hexOf("content") + "/behaviours?limit=41":      400,
		"files/" + hexOf("content") + "/unheard_of":               404,
		"files/" + hexOf("content") + "/historical_whois":         404,
		"files/" + hexOf("none") + "/behaviours":                  404,
		"files/x/behaviours":                                      400,
		"domains/unknown.example/historical_whois":                404,
	} {
		require.Equal(t, status, n.get(t, "/api/v3/"+path).Status, path)
	}
	for kind, names := range unfilled {
		for _, name := range names {
			_, offered := n.kind(kind).relation(name)
			require.False(t, offered, "%s of %s has something", name, kind)
		}
	}
}

// Descriptors of URLs say which they are, as in vt-py's examples.
func TestDescriptorsOfURLs(t *testing.T) {
	n := startNode(t, nil)
	const page = "http://www.example.com/a"
	n.submitURL(t, page).resource(t)
	n.finishURL(page, verdictstypes.OUTCOME_MALICIOUS)
	comment := n.post(t, "/api/v3/urls/"+hexOf(page)+"/comments", commentBody("text")).resource(t).ID
	collection := n.post(t, collectionsPath, collectionBody("name", page)).resource(t).ID
	want := fmt.Sprintf(`{"type":"url","id":%q,"context_attributes":{"url":%q}}`, hexOf(page), page)
	for _, path := range []string{
		"domains/www.example.com/relationships/urls", "domains/www.example.com?relationships=urls", "collections/" + collection + "/relationships/urls",
		"comments/" + comment + "/relationships/item", "comments/" + comment + "?relationships=item",
	} {
		require.Contains(t, string(n.get(t, "/api/v3/"+path).Data), want, path)
	}
}
