package gateway

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func (n *node) search(t *testing.T, query string) answer {
	t.Helper()
	return n.get(t, "/api/v3/search?query="+url.QueryEscape(query))
}

func decode(t *testing.T, data json.RawMessage, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(data, into), string(data))
}

// TestSearch is row V-23.
func TestSearch(t *testing.T) {
	n := startNode(t, nil)
	info := n.upload(t, field{"file", "Invoice of May.bin", "content"}).Meta["file_info"].(map[string]any)
	for _, query := range []string{
		info["md5"].(string), info["sha1"].(string), hexOf("content"), strings.ToUpper(hexOf("content")), "  " + hexOf("content") + "\n",
		"name:invoice", `name:"invoice of"`,
	} {
		found := n.search(t, query).list(t)
		require.Len(t, found, 1, query)
		require.Equal(t, hexOf("content"), found[0].ID)
		require.NotEmpty(t, found[0].Attributes)
	}
	for _, query := range []string{
		hexOf("none"), hexOf("none")[:32], "192.0.2.1", "unknown.example", "https://unknown.example/x", "hxxp://unknown[.]example",
		"#none", "# ", "words that nobody wrote", "p:5+ type:peexe fs:2020-01-01+", "((((", `"` + `a"b`, "::", "🦠", "name:x' OR 1=1 --",
	} {
		a := n.search(t, query)
		require.Equal(t, 200, a.Status, "%q %s", query, a.Raw)
		require.Empty(t, a.list(t), query)
	}
	n.submitURL(t, "http://www.example.com/a").resource(t)
	for query, want := range map[string]string{
		"http://www.example.com/a": "url", "hxxp://WWW[.]example[.]com/a#x": "url", "www.example.com/a": "url",
		hexOf("http://www.example.com/a"): "", "www.example.com": "domain", "example[.]com": "domain",
	} {
		found := n.search(t, query).list(t)
		if want != "" {
			require.Len(t, found, 1, query)
			require.Equal(t, want, found[0].Type)
		}
	}
	for _, query := range []string{"", "   ", strings.Repeat("x", maxQueryBytes+1), "a\x00b", "\xff", `"`} {
		a := n.search(t, query)
		require.Equal(t, 400, a.Status, "%.20q", query)
		require.Contains(t, a.Err.Message, "query", "%.20q", query)
	}
}

// TestMetadata is row V-60: what is listed has routes, and what has routes is listed.
func TestMetadata(t *testing.T) {
	n := startNode(t, nil)
	n.chain.set(func() { n.chain.seats = []string{operator(1)} })
	n.upload(t, file("content"))
	var metadata struct {
		Engines       map[string]map[string]any      `json:"engines"`
		Relationships map[string][]map[string]string `json:"relationships"`
		Privileges    []string                       `json:"privileges"`
	}
	a := n.get(t, "/api/v3/metadata")
	decode(t, a.Data, &metadata)
	require.Equal(t, map[string]map[string]any{"yara": {"description": "rules", "operators": []any{operator(1)}}}, metadata.Engines)
	require.NotNil(t, metadata.Privileges)

	n.submitURL(t, "http://www.example.com/a").resource(t)
	n.submitURL(t, "http://192.0.2.1/").resource(t)
	comment := n.post(t, "/api/v3/files/"+hexOf("content")+"/comments", commentBody("text")).resource(t).ID
	collection := n.post(t, collectionsPath, collectionBody("name", "www.example.com")).resource(t).ID
	ids := map[string]string{
		"url": hexOf("http://www.example.com/a"), "domain": "www.example.com", "ip_address": "192.0.2.1",
		"file": hexOf("content"), "comment": comment, "collection": collection, "user": "me",
		"analysis":   n.get(t, "/api/v3/files/"+hexOf("content")+"/analyses").list(t)[0].ID,
		"submission": n.get(t, "/api/v3/files/"+hexOf("content")+"/submissions").list(t)[0].ID,
	}
	for _, k := range n.kinds {
		listed := make(map[string]bool)
		for _, rel := range metadata.Relationships[k.name] {
			require.NotEmpty(t, rel["description"])
			listed[rel["name"]] = true
			require.NotEmpty(t, ids[k.name], k.name)
			for _, path := range []string{"/" + rel["name"], "/relationships/" + rel["name"]} {
				path = "/api/v3/" + k.path + "/" + ids[k.name] + path
				require.Equal(t, 200, n.get(t, path).Status, path)
			}
		}
		for _, rel := range k.relations {
			require.True(t, listed[rel.name], "%s of %s", rel.name, k.name)
		}
		require.Equal(t, 404, n.get(t, "/api/v3/"+k.path+"/"+hexOf("content")+"/unlisted").Status)
	}
}

func TestRelationshipsOption(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, field{"file", "name.bin", "content"})
	id := n.post(t, "/api/v3/files/"+hexOf("content")+"/comments", commentBody("text")).resource(t).ID
	var found object
	a := n.get(t, "/api/v3/files/"+hexOf("content")+"?relationships=comments,submissions,unheard_of&attributes=size")
	decode(t, a.Data, &found)
	require.Equal(t, map[string]any{"size": 7.0}, found.Attributes)
	require.Len(t, found.Relationships, 2)
	require.Equal(t, []any{map[string]any{"type": "comment", "id": id}}, found.Relationships["comments"].Data)
	require.Equal(t, n.url+"/api/v3/files/"+hexOf("content")+"/comments", found.Relationships["comments"].Links["related"])

	var author object
	decode(t, n.get(t, "/api/v3/comments/"+id+"?relationships=author,item").Data, &author)
	require.Equal(t, map[string]any{"type": "file", "id": hexOf("content")}, author.Relationships["item"].Data)
	long := strings.Repeat("a,", maxRelationNames)
	require.Equal(t, 400, n.get(t, "/api/v3/files/"+hexOf("content")+"?relationships="+long).Status)

	submission := n.get(t, "/api/v3/files/"+hexOf("content")+"/submissions").list(t)[0]
	require.Equal(t, "name.bin", submission.Attributes["name"])
	require.NotContains(t, submission.Attributes, "source_key")
	require.Equal(t, submission, n.get(t, "/api/v3/submission/"+submission.ID).resource(t))
	for _, unknown := range []string{"x", "f-" + hexOf("content") + "-9", "g-" + hexOf("content") + "-1", "f-00-1", "f-" + hexOf("content") + "-x"} {
		require.Equal(t, 404, n.get(t, "/api/v3/submission/"+unknown).Status, unknown)
	}
}

// TestAnalysisItem is row V-31.
func TestAnalysisItem(t *testing.T) {
	n := startNode(t, nil)
	analysis := n.upload(t, file("content")).resource(t)
	item := n.get(t, "/api/v3/analyses/"+analysis.ID+"/item").resource(t)
	require.Equal(t, hexOf("content"), item.ID)
	require.Equal(t, 7.0, item.Attributes["size"])
	require.Equal(t, 404, n.get(t, "/api/v3/analyses/none/item").Status)
}

// TestUsers is rows V-61 and V-62.
func TestUsers(t *testing.T) {
	f := startFeedNode(t, nil)
	w := newWallet("alpha")
	f.market.Sell(w.account, 0, planOf(100))
	key := f.authorise(t, w)
	f.getAs(t, key, "/api/v3/files/"+hexOf("none"))
	path := "/api/v3/users/"
	for i, id := range []string{"me", w.account, url.PathEscape(key)} {
		user := f.getAs(t, key, path+id+"?relationships=groups,api_quota_group").resource(t)
		require.Equal(t, w.account, user.ID)
		require.Equal(t, map[string]any{"allowed": 100.0, "used": float64(i + 2)}, user.Attributes["quotas"].(map[string]any)["api_requests_daily"])
		require.Equal(t, true, user.Attributes["virusmap"].(map[string]any)["plan"])
	}
	overall := f.getAs(t, key, path+"me/overall_quotas")
	require.JSONEq(t, `{"api_requests_daily":{"user":{"allowed":100,"used":5}},
		"intelligence_searches_monthly":{"user":{"allowed":0,"used":0}}}`, string(overall.Data))
	usage := f.getAs(t, key, path+w.account+"/api_usage")
	day := f.clock.Now().UTC().Format("2006-01-02")
	require.JSONEq(t, `{"daily":{"`+day+`":{"api_requests":6}},"total":{"api_requests":6}}`, string(usage.Data))

	require.Equal(t, 403, f.getAs(t, testKey, path+w.account+"/overall_quotas").Status)
	require.Equal(t, 404, f.getAs(t, testKey, path+w.account).Status, "it has said nothing here")
	require.Equal(t, 404, f.getAs(t, testKey, path+"nobody").Status)
	require.Equal(t, 404, f.getAs(t, testKey, "/api/v3/groups/any").Status)
	own := f.getAs(t, testKey, path+testKey).resource(t)
	require.NotContains(t, own.ID, testKey)
}

// TestLongNamesArePaged goes on after names as long as they are kept.
func TestLongNamesArePaged(t *testing.T) {
	n := startNode(t, nil)
	for i := range 3 {
		name := fmt.Sprintf("invoice-%d-%s", i, strings.Repeat("x", 245))
		n.upload(t, field{"file", name, fmt.Sprint("content of ", i)}).resource(t)
	}
	var found []resource
	query, cursor := "/api/v3/intelligence/search?limit=1&query="+url.QueryEscape("name:invoice"), ""
	for range 3 {
		a := n.get(t, query+"&cursor="+cursor)
		found = append(found, a.list(t)...)
		cursor, _ = a.Meta["cursor"].(string)
	}
	require.Len(t, found, 3)
	require.Empty(t, cursor)
	bad := strings.Repeat("00", 40) + "ff"
	require.Equal(t, 400, n.get(t, query+"&cursor="+bad).Status, "what no database takes as a text")
}
