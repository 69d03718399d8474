package gateway

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/supernode/zipbundle"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// everything is a node on which each route of the API has something to answer with.
type everything struct {
	*privateNode
	ids map[string]string // of what the routes name, by the words in their paths
}

const frontPage = "http://www.example.com/"

func startEverything(t *testing.T) everything {
	t.Helper()
	e := everything{privateNode: startPrivateNode(t, func(cfg *Config) { roleKeys(cfg, nil) }), ids: map[string]string{}}
	e.clock.set(feedTime(130))
	key := vault.NewEpochKey()
	e.chain.set(func() { e.chain.vaultKey = &supernodetypes.VaultKey{Epoch: 7, Recipient: key.Recipient().String()} })
	e.deps.VaultKey = func(context.Context, uint64) *age.HybridIdentity { return key }
	var err error
	e.Gateway.bundles, err = zipbundle.New(zipbundle.Config{
		Dir: filepath.Join(t.TempDir(), "bundles"), MaxBytes: 1 << 20, Source: e.openEntitled, Now: e.now, Log: quiet(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	e.submitting(t)
	e.scanning(t)

	own := keyOf("admin")
	send := func(method, path, body string) answer { return e.sendAs(t, own, method, "/api/v3"+path, body) }
	form, contentType := formOf(t, file("content"))
	analysis := e.sendWith(t, http.MethodPost, "/files", form, contentType).resource(t)
	form, contentType = formOf(t, file("private"))
	private := e.sendWith(t, http.MethodPost, "/private/files", form, contentType).resource(t)
	e.sendWith(t, http.MethodPost, "/urls", "url="+frontPage, "application/x-www-form-urlencoded").resource(t)
	e.sendWith(t, http.MethodPost, "/urls", "url=http://192.0.2.7/", "application/x-www-form-urlencoded").resource(t)
	require.NoError(t, e.index.SaveFetched(t.Context(), [32]byte(mustHash(t, hexOf(frontPage))), index.Fetched{
		FinalURL: frontPage, Status: 200, IP: "192.0.2.7", Time: 1_900_000_000,
	}))
	stored := e.node.store(t, e.vault, 100, samplestypes.STATUS_FINAL)
	eventually(t, func() bool { return len(e.chain.accepted()) == 3 }, "on chain")
	item := "/files/" + hexOf("content")
	e.ids = map[string]string{
		"files": hexOf("content"), "urls": hexOf(frontPage), "domains": "www.example.com", "ip_addresses": "192.0.2.7", "users": "me",
		"resolutions": "192.0.2.7www.example.com", "analyses": analysis.ID, "private files": hexOf("private"), "private analyses": private.ID,
		"comments":    send("POST", item+"/comments", commentBody("text #tag")).resource(t).ID,
		"collections": send("POST", "/collections", collectionBody("name", "www.example.com")).resource(t).ID,
		"zip_files":   send("POST", "/intelligence/zip_files", bundleBody("x", hexOf("content"))).resource(t).ID,
		"submission":  send("GET", item+"/submissions", "").list(t)[0].ID, "ipfs": stored.cid.String(),
		"keys": hex.EncodeToString(mustKeyHash(t, e)),
	}
	e.finishedBundle(t, own, e.ids["zip_files"])
	e.analysed(t, own, private.ID)
	return e
}

func mustKeyHash(t *testing.T, e everything) []byte {
	t.Helper()
	e.authorise(t, newWallet("alpha"))
	keys := e.send(t, http.MethodGet, "/api/v3/keys", keyOf("admin")).list(t)
	require.NotEmpty(t, keys)
	return mustHash(t, keys[0].ID)
}

// sendWith sends a body of some content type as the admin.
func (e everything) sendWith(t *testing.T, method, path, body, contentType string) answer {
	t.Helper()
	request, err := http.NewRequest(method, e.url+"/api/v3"+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("X-Apikey", keyOf("admin"))
	request.Header.Set("Content-Type", contentType)
	return e.do(t, request)
}

// fill puts ids into the path of a pattern.
func (e everything) fill(path string) string {
	words := strings.Split(strings.TrimPrefix(path, apiBase+"/"), "/")
	for i, word := range words {
		switch {
		case i > 1 && words[0] == "private" && word == "{id}":
			words[i] = e.ids["private "+words[i-1]]
		case word == "{id}" || word == "{hash}":
			words[i] = e.ids[words[i-1]]
		}
	}
	return apiBase + "/" + strings.NewReplacer("{relationship}", "graphs", "{format}", "csv", "{kind}", "files",
		"hourly/{time}", "hourly/2026030110", "{time}", "202603011000").Replace(strings.Join(words, "/"))
}

// bodies are what routes other than GET are sent, by pattern; the rest gets none.
var bodies = map[string]string{
	"POST /collections":                   `{"data":{"type":"collection","attributes":{"name":"other"},"raw_items":"example.com"}}`,
	"PATCH /collections/{id}":             `{"data":{"attributes":{"name":"new"}}}`,
	"POST /collections/{id}/files":        fmt.Sprintf(`{"data":[{"type":"file","id":%q}]}`, hexOf("content")),
	"POST /collections/{id}/urls":         `{"data":[{"url":"http://example.com/"}]}`,
	"POST /collections/{id}/domains":      `{"data":[{"type":"domain","id":"example.com"}]}`,
	"POST /collections/{id}/ip_addresses": `{"data":[{"type":"ip_address","id":"192.0.2.9"}]}`,
	"POST /comments/{id}/vote":            `{"data":"positive"}`,
	"POST /comments/{id}/votes":           `{"data":{"attributes":{"verdict":"positive"}}}`,
	"POST /intelligence/zip_files":        bundleBody("x", hexOf("content")),
	"POST /urls":                          "url=" + frontPage,
}

// never are routes that refuse by design, with their status.
var never = map[string]int{"GET /operations/{id}": 404}

// raw are answers that are no JSON: downloads.
var raw = map[string]string{
	"GET /files/{id}/download": "application/octet-stream", "GET /intelligence/zip_files/{id}/download": "application/zip", "GET /collections/{id}/download/{format}": "text/csv; charset=utf-8",
	"GET /feeds/{kind}/{time}": "application/x-bzip2", "GET /feeds/{kind}/hourly/{time}": "application/x-bzip2",
	"GET /ipfs/{cid}": "application/octet-stream",
}

func (e everything) request(t *testing.T, pattern string) answer {
	t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	if path == ipfsBase+"/{cid}" {
		return e.send(t, method, ipfsBase+"/"+e.ids["ipfs"], keyOf("admin"))
	}
	short := method + " " + strings.TrimPrefix(path, apiBase)
	body, contentType := bodies[short], "application/json"
	switch {
	case short == "POST /files", short == "POST /private/files":
		body, contentType = formOf(t, file("content"))
	case strings.HasSuffix(short, "/comments"):
		body = commentBody("more")
	case body == "" && strings.HasSuffix(short, "/votes"):
		body = `{"data":{"type":"vote","attributes":{"verdict":"malicious"}}}`
	case short == "POST /urls":
		contentType = "application/x-www-form-urlencoded"
	case method == http.MethodDelete && strings.Count(path, "/") == 5: // members of a collection
		body = bodies["POST"+strings.TrimPrefix(short, "DELETE")]
	}
	if method == http.MethodGet {
		body = ""
	}
	path = strings.TrimPrefix(e.fill(path), apiBase)
	if strings.HasSuffix(path, "/search") {
		path += "?query=name"
	}
	return e.sendWith(t, method, path, body, contentType)
}

// TestEveryRouteIsAsClientsWantIt asks every route of the API: vt-py takes 200 alone for a
// success, and vt-go JSON, or nothing with a length of 0.
func TestEveryRouteIsAsClientsWantIt(t *testing.T) {
	e := startEverything(t)
	patterns := e.apiRoutes().patterns
	order := []string{"GET", "POST", "PATCH", "DELETE"} // what is asked for goes last
	rank := func(pattern string) int {
		method, path, _ := strings.Cut(pattern, " ")
		at := slices.Index(order, method)
		require.GreaterOrEqual(t, at, 0, pattern)
		return 10*at - strings.Count(path, "/")
	}
	slices.SortStableFunc(patterns, func(a, b string) int { return rank(a) - rank(b) })
	for _, pattern := range patterns {
		short := strings.Replace(pattern, apiBase, "", 1)
		a := e.request(t, pattern)
		want := http.StatusOK
		if refused, ok := never[short]; ok {
			want = refused
		}
		require.Equal(t, want, a.Status, "%s: %s", pattern, a.Raw)
		kind := a.Header.Get("Content-Type")
		if download, ok := raw[short]; ok {
			require.Equal(t, download, kind, pattern)
			require.Empty(t, a.Header.Get("Content-Encoding"), pattern)
			continue
		}
		if len(a.Raw) == 0 {
			require.Equal(t, "0", a.Header.Get("Content-Length"), pattern)
			continue
		}
		require.Equal(t, "application/json; charset=utf-8", kind, pattern)
		require.Equal(t, want != http.StatusOK, a.Err.Code != "", pattern)
		if strings.HasPrefix(string(a.Data), "[") || strings.HasPrefix(string(a.Data), `{"type":`) {
			checkObjects(t, pattern, a.Data)
		}
	}
}

// TestEveryRouteRefusesInJSON asks every route as somebody whom it does not know, and about
// what nobody knows.
func TestEveryRouteRefusesInJSON(t *testing.T) {
	n := startNode(t, nil)
	ask := func(pattern, key string) {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{id}", "none", "{hash}", "none", "{cid}", "none", "{relationship}", "none", "{format}", "none",
			"{kind}", "none", "{time}", "none").Replace(path)
		request, err := http.NewRequest(method, n.url+path, strings.NewReader("\x00{"))
		require.NoError(t, err)
		request.Header.Set("X-Apikey", key)
		a := n.do(t, request)
		if a.Status == http.StatusOK { // a list of everybody's, or what needs no argument
			return
		}
		require.Equal(t, "application/json; charset=utf-8", a.Header.Get("Content-Type"), pattern)
		var body struct {
			Err *apiError `json:"error"`
		}
		require.NoError(t, json.Unmarshal(a.Raw, &body), pattern)
		require.NotNil(t, body.Err, pattern)
		require.NotEmpty(t, body.Err.Code, pattern)
		require.NotEmpty(t, body.Err.Message, pattern)
		require.GreaterOrEqual(t, a.Status, 400, pattern)
	}
	for _, pattern := range n.apiRoutes().patterns {
		ask(pattern, testKey)
		ask(pattern, "unknown-key-0123456789")
		ask(pattern, "")
		ask(strings.Replace(pattern, "/{id}", "/{id}/not/there", 1), testKey)
	}
}
