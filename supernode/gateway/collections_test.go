package gateway

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/community"
)

const collectionsPath = "/api/v3/collections"

func collectionBody(name, rawItems string) string {
	return fmt.Sprintf(`{"data":{"type":"collection","attributes":{"name":%q,"description":"of #mail"},"raw_items":%q}}`, name, rawItems)
}

// TestCollection is row V-63.
func TestCollection(t *testing.T) {
	n := startNode(t, nil)
	info := n.upload(t, file("content")).Meta["file_info"].(map[string]any)
	made := n.post(t, collectionsPath, collectionBody("Loader of May", fmt.Sprintf(
		"%s hxxp://evil[.]test/a www.example.com 192.0.2.1 %s nothing", info["md5"], hexOf("other")))).resource(t)
	require.Equal(t, "collection", made.Type)
	require.Len(t, made.ID, 64)
	for name, want := range map[string]any{
		"name": "Loader of May", "description": "of #mail", "collection_type": "collection", "files_count": 2.0, "urls_count": 1.0, "domains_count": 1.0,
		"ip_addresses_count": 1.0, "tags": []any{"mail"},
	} {
		require.Equal(t, want, made.Attributes[name], name)
	}
	path := collectionsPath + "/" + made.ID
	require.Equal(t, made, n.get(t, path).resource(t))
	require.Equal(t, []resource{made}, n.get(t, collectionsPath).list(t))
	owner := made.Attributes["owner"].(string)
	require.Equal(t, []resource{made}, n.get(t, collectionsPath+"?filter=owner:"+owner).list(t))
	require.Empty(t, n.get(t, collectionsPath+"?filter=owner:other").list(t))
	require.Equal(t, 400, n.get(t, collectionsPath+"?filter=tag:x").Status)
	require.Equal(t, []resource{made}, n.get(t, collectionsPath+"/search?query="+url.QueryEscape("may loader")).list(t))
	require.Equal(t, owner, n.get(t, path+"/owner").resource(t).ID)
	require.Equal(t, []resource{made}, n.get(t, "/api/v3/files/"+hexOf("content")+"/collections").list(t), "the MD5 is that of this file")

	files := n.get(t, path+"/files?limit=1").list(t)
	require.Len(t, files, 1)
	urls := n.get(t, path+"/relationships/urls")
	require.EqualValues(t, 1, urls.Meta["count"])
	require.Len(t, urls.list(t)[0].ID, 64)
	n.post(t, path+"/comments", commentBody("about it")).resource(t)
	require.Len(t, n.get(t, path+"/comments").list(t), 1)

	require.Equal(t, 409, n.post(t, collectionsPath, collectionBody("Loader of May", "")).Status, "in the same second")
}

// As vt-py's example creates one: with items by their relation.
func TestCollectionWithRelationships(t *testing.T) {
	n := startNode(t, nil)
	body := `{"data":{"type":"collection","attributes":{"name":"related"},"raw_items":"b.example.com","relationships":{
		"domains":{"data":[{"type":"domain","id":"a.example.com"}]},"urls":{"data":[{"type":"url","url":"http://a.example.com/"}]}}}}`
	made := n.post(t, collectionsPath, body).resource(t)
	require.EqualValues(t, 2, made.Attributes["domains_count"])
	require.EqualValues(t, 1, made.Attributes["urls_count"])
	wrong := n.post(t, collectionsPath, strings.Replace(body, `"type":"domain"`, `"type":"file"`, 1))
	require.Equal(t, 400, wrong.Status)
	many := strings.Repeat(`{"type":"domain","id":"a.example.com"},`, community.MaxCollectionItems) + `{"type":"domain","id":"a.example.com"}`
	require.Equal(t, 400, n.post(t, collectionsPath, strings.Replace(body, `{"type":"domain","id":"a.example.com"}`, many, 1)).Status)
}

func TestCollectionIsChangedByItsOwner(t *testing.T) {
	n := startNode(t, nil)
	path := collectionsPath + "/" + n.post(t, collectionsPath, collectionBody("first", "a.example.com")).resource(t).ID
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", path, `{"data":{"attributes":{"name":"mine"}}}`},
		{"DELETE", path, ""},
		{"POST", path + "/domains", `{"data":[{"type":"domain","id":"b.example.com"}]}`},
		{"DELETE", path + "/domains", `{"data":[{"type":"domain","id":"a.example.com"}]}`},
	} {
		require.Equal(t, 403, n.sendAs(t, otherKey, c.method, c.path, c.body).Status, c)
	}
	changed := n.sendJSON(t, "PATCH", path, `{"data":{"attributes":{"name":"second"},"raw_items":"192.0.2.7"}}`).resource(t)
	require.Equal(t, "second", changed.Attributes["name"])
	require.Equal(t, "of #mail", changed.Attributes["description"])
	require.Equal(t, 1.0, changed.Attributes["ip_addresses_count"])
	changed = n.post(t, path+"/urls", `{"data":[{"type":"url","url":"HTTP://Example.com"},{"type":"url","id":"`+hexOf("u")+`"}]}`).resource(t)
	require.Equal(t, 2.0, changed.Attributes["urls_count"])
	changed = n.sendJSON(t, "DELETE", path+"/urls", `{"data":[{"url":"http://example.com/"}]}`).resource(t)
	require.Equal(t, 1.0, changed.Attributes["urls_count"])
	for _, c := range []struct{ path, body, says string }{
		{"/urls", `{"data":[{"type":"file","id":"x"}]}`, "data[0].type"},
		{"/urls", `{"data":[{"id":"!"}]}`, "id"},
		{"/domains", `{"data":[{"id":"192.0.2.1"}]}`, "domain"},
		{"/ip_addresses", `{"data":[{"id":"x"}]}`, "ip_address"},
		{"/files", `{"data":[{"id":"x"}]}`, "not an MD5"},
		{"/files", `{"data":{}}`, "list"},
	} {
		a := n.post(t, path+c.path, c.body)
		require.Equal(t, 400, a.Status, c)
		require.Contains(t, a.Err.Message, c.says)
	}
	require.Equal(t, 400, n.sendJSON(t, "PATCH", path, `{"data":{"attributes":{"name":""}}}`).Status)
	gone := n.sendJSON(t, "DELETE", path, "")
	require.Equal(t, 200, gone.Status)
	require.Equal(t, "0", gone.Header.Get("Content-Length"))
	require.Equal(t, 404, n.get(t, path).Status)
	require.Equal(t, 404, n.get(t, path+"/files").Status)
}

func TestWalletSignsACollection(t *testing.T) {
	n := startNode(t, nil)
	w, data := newWallet("alpha"), `{"type":"collection","attributes":{"name":"signed"}}`
	body := n.sign(t, w, community.CollectionStatement(chainID, community.NewCollection, "create", []byte(data)), data)
	made := n.post(t, collectionsPath, body).resource(t)
	require.Equal(t, w.account, made.Attributes["owner"])
	require.Equal(t, "wallet", made.Attributes["virusmap"].(map[string]any)["signed"])
	path := collectionsPath + "/" + made.ID
	other := `[{"type":"domain","id":"b.example.com"}]`
	add := n.sign(t, w, community.CollectionStatement(chainID, made.ID, "add", []byte(other)), other)
	require.Equal(t, 1.0, n.post(t, path+"/domains", add).resource(t).Attributes["domains_count"])
	require.Equal(t, 400, n.sendJSON(t, "DELETE", path+"/domains", add).Status, "the statement says add")
	remove := n.sign(t, w, community.CollectionStatement(chainID, made.ID, "delete", nil), "")
	require.Equal(t, 200, n.sendJSON(t, "DELETE", path, remove).Status)
}

// TestOlderStatementsChangeNothing sends what a wallet signed, which everybody sees, again.
func TestOlderStatementsChangeNothing(t *testing.T) {
	n := startNode(t, nil)
	w := newWallet("alpha")
	signed := func(id, action, data string, at time.Time) string {
		s := community.CollectionStatement(chainID, id, action, []byte(data))
		s.Time = at
		return n.sign(t, w, s, data)
	}
	begin := n.now().Add(-time.Minute).Truncate(time.Second)
	create := signed(community.NewCollection, "create", `{"attributes":{"name":"first"}}`, begin)
	id := n.post(t, collectionsPath, create).resource(t).ID
	path := collectionsPath + "/" + id
	second := signed(id, "update", `{"attributes":{"name":"second"}}`, begin.Add(time.Second))
	add := signed(id, "add", `[{"id":"a.example.com"}]`, begin.Add(2*time.Second))
	remove := signed(id, "remove", `[{"id":"a.example.com"}]`, begin.Add(3*time.Second))
	third := signed(id, "update", `{"attributes":{"name":"third"}}`, begin.Add(4*time.Second))
	n.sendJSON(t, "PATCH", path, second).resource(t)
	n.post(t, path+"/domains", add).resource(t)
	n.sendJSON(t, "DELETE", path+"/domains", remove).resource(t)
	n.sendJSON(t, "PATCH", path, third).resource(t)
	require.Equal(t, 409, n.sendJSON(t, "PATCH", path, second).Status)
	require.Equal(t, 409, n.post(t, path+"/domains", add).Status)
	again := n.sendJSON(t, "PATCH", path, third).resource(t)
	require.Equal(t, "third", again.Attributes["name"], "the last one may be sent again")
	require.Equal(t, 0.0, again.Attributes["domains_count"])

	require.Equal(t, 200, n.sendJSON(t, "DELETE", path, signed(id, "delete", "", begin.Add(5*time.Second))).Status)
	require.Equal(t, 409, n.post(t, collectionsPath, create).Status)
	require.Equal(t, 404, n.get(t, path).Status)
}

// TestListedHostsAreBrief reads nothing of the URLs at the hosts of a collection.
func TestListedHostsAreBrief(t *testing.T) {
	n := startNode(t, nil)
	for i := range 5 {
		n.submitURL(t, fmt.Sprintf("http://example.com/%d", i)).resource(t)
	}
	path := collectionsPath + "/" + n.post(t, collectionsPath, collectionBody("hosts", "example.com 192.0.2.1")).resource(t).ID
	before := countOf(t, n.metrics.reports.WithLabelValues("chain"))
	listed := n.get(t, path+"/domains").list(t)
	require.Len(t, listed, 1)
	require.EqualValues(t, 5, listed[0].Attributes["virusmap"].(map[string]any)["urls"].(map[string]any)["total"])
	require.Equal(t, before, countOf(t, n.metrics.reports.WithLabelValues("chain")))
}

func TestCollectionDownload(t *testing.T) {
	n := startNode(t, nil)
	made := n.post(t, collectionsPath, collectionBody("name", "hxxp://evil[.]test/a,b www.example.com 2001:db8::1")).resource(t)
	path := collectionsPath + "/" + made.ID + "/download/"
	csv := n.get(t, path+"csv")
	require.Equal(t, "text/csv; charset=utf-8", csv.Header.Get("Content-Type"))
	require.Contains(t, string(csv.Raw), "type,id,value\n")
	require.Contains(t, string(csv.Raw), "domain,www.example.com,www.example.com\n")
	require.Contains(t, string(csv.Raw), ",http://evil.test/a\n")
	require.Contains(t, string(n.get(t, path+"json").Raw), `{"type":"ip_address","id":"2001:db8::1","value":"2001:db8::1"}`)
	require.Equal(t, 400, n.get(t, path+"stix").Status)
}

func TestCollectionsAreRefused(t *testing.T) {
	n := startNode(t, nil)
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"no name":   {collectionBody("", ""), 400},
		"long name": {collectionBody(strings.Repeat("x", community.MaxCollectionName+1), ""), 400},
		"lines":     {collectionBody("a\nb", ""), 400},
		"no data":   {"{}", 400},
		"too large": {collectionBody("name", strings.Repeat("x", maxCollectionBytes)), 413},
	} {
		a := n.post(t, collectionsPath, c.body)
		require.Equal(t, c.status, a.Status, name+string(a.Raw))
	}
	require.Empty(t, n.get(t, collectionsPath).list(t))
	require.Equal(t, 404, n.get(t, collectionsPath+"/"+strings.Repeat("a", 300)).Status)
}
