package gateway

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClientTraps are what has broken clients of VirusTotal's API, for the endpoints of the
// community, collections, bundles, searches, users and metadata.
func TestClientTraps(t *testing.T) {
	n := startBundleNode(t)
	n.upload(t, file("content"))
	item := "/api/v3/files/" + hexOf("content")
	comment := n.post(t, item+"/comments", commentBody("text #tag")).resource(t).ID
	collection := n.post(t, collectionsPath, collectionBody("name", "a.example.com b.example.com")).resource(t).ID
	n.post(t, item+"/votes", `{"data":{"type":"vote","attributes":{"verdict":"malicious"}}}`).resource(t)
	bundle := n.bundleAs(t, testKey, bundleBody("x", hexOf("content"))).ID
	reads := []string{
		item, item + "/comments", item + "/votes", item + "/collections", item + "/analyses", item + "/submissions",
		item + "/relationships/comments", item + "?relationships=comments,votes,collections",
		"/api/v3/comments", "/api/v3/comments/" + comment, "/api/v3/comments/" + comment + "/author", "/api/v3/comments/" + comment + "/item",
		collectionsPath, collectionsPath + "/" + collection, collectionsPath + "/" + collection + "/domains", collectionsPath + "/search?query=name",
		"/api/v3/search?query=" + hexOf("content"), "/api/v3/users/me", bundlesPath + "/" + bundle,
	}
	for name, check := range map[string]func(*testing.T){
		"a success is 200 and JSON with its length": func(t *testing.T) {
			for _, path := range append(reads, "/api/v3/metadata", "/api/v3/users/me/overall_quotas", "/api/v3/users/me/api_usage") {
				a := n.get(t, path)
				require.Equal(t, 200, a.Status, path)
				require.Equal(t, "application/json; charset=utf-8", a.Header.Get("Content-Type"), path)
				if !a.uncompressed {
					require.Equal(t, fmt.Sprint(len(a.Raw)), a.Header.Get("Content-Length"), path)
				}
				require.NotEmpty(t, a.Data, path)
			}
		},
		"an error has a status and a code that agree": func(t *testing.T) {
			for _, c := range []struct {
				method, path, body string
				status             int
				code               string
			}{
				{"GET", "/api/v3/comments/none", "", 404, "NotFoundError"},
				{"GET", "/api/v3/comments?limit=0", "", 400, "InvalidArgumentError"},
				{"GET", "/api/v3/comments?limit=1000", "", 400, "InvalidArgumentError"},
				{"DELETE", "/api/v3/comments/none", "", 404, "NotFoundError"},
				{"POST", "/api/v3/comments/none/vote", `{"data":"positive"}`, 404, "NotFoundError"},
				{"POST", item + "/comments", "x", 400, "BadRequestError"},
				{"POST", item + "/votes", `{"data":{"attributes":{"verdict":"x"}}}`, 400, "InvalidArgumentError"},
				{"GET", item + "/unheard_of", "", 404, "NotFoundError"},
				{"GET", "/api/v3/files/x/comments", "", 400, "InvalidArgumentError"},
				{"GET", item + "/download", "", 403, "ForbiddenError"},
				{"GET", collectionsPath + "/none", "", 404, "NotFoundError"},
				{"POST", collectionsPath + "/none/domains", `{"data":[]}`, 404, "NotFoundError"},
				{"GET", "/api/v3/search", "", 400, "InvalidArgumentError"},
				{"GET", "/api/v3/groups/any/api_usage", "", 404, "NotFoundError"},
				{"GET", "/api/v3/operations/any", "", 404, "NotFoundError"},
				{"GET", "/api/v3/submission/any", "", 404, "NotFoundError"},
				{"GET", bundlesPath + "/any/download", "", 404, "NotFoundError"},
			} {
				a := n.sendJSON(t, c.method, c.path, c.body)
				require.Equal(t, c.status, a.Status, c.path)
				require.Equal(t, c.code, a.Err.Code, c.path)
				require.True(t, strings.HasPrefix(a.Header.Get("Content-Type"), "application/json"), c.path)
			}
		},
		"type and id are on every object, and dates are integers": func(t *testing.T) {
			for _, path := range reads {
				checkObjects(t, path, n.get(t, path).Data)
			}
		},
		"lists have links.next and meta.cursor, or neither": func(t *testing.T) {
			first := n.get(t, collectionsPath+"/"+collection+"/domains?limit=1")
			require.True(t, strings.HasPrefix(first.links(t)["next"], n.url+"/api/v3/"), "absolute")
			require.NotEmpty(t, first.Meta["cursor"])
			require.EqualValues(t, 2, first.Meta["count"])
			last := n.get(t, strings.TrimPrefix(first.links(t)["next"], n.url))
			require.Equal(t, "b.example.com", last.list(t)[0].ID)
			require.NotContains(t, last.links(t), "next")
			require.NotContains(t, last.Meta, "cursor")
		},
		"an empty list is a list": func(t *testing.T) {
			require.Equal(t, "[]", string(n.get(t, collectionsPath+"/"+collection+"/files").Data))
		},
		"gzip only when asked for, errors included": func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/metadata", nil)
			require.NoError(t, err)
			request.Header.Set("Accept-Encoding", "gzip")
			request.Header.Set("X-Apikey", testKey)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
			plain, err := gzip.NewReader(response.Body)
			require.NoError(t, err)
			encoded, err := io.ReadAll(plain)
			require.NoError(t, err)
			require.True(t, json.Valid(encoded))

			refused, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/comments/none", nil)
			require.NoError(t, err)
			refused.Header.Set("Accept-Encoding", "gzip")
			a := n.do(t, refused)
			require.Empty(t, a.Header.Get("Content-Encoding"), "so short an answer")
			require.Equal(t, "NotFoundError", a.Err.Code)
			plainly, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/metadata", nil)
			require.NoError(t, err)
			plainly.Header.Set("Accept-Encoding", "identity")
			require.Empty(t, n.do(t, plainly).Header.Get("Content-Encoding"))
		},
		"zip_files comes with a text content type": func(t *testing.T) {
			request, err := http.NewRequest(http.MethodPost, n.url+bundlesPath, strings.NewReader(bundleBody("x", hexOf("none"))))
			require.NoError(t, err)
			request.Header.Set("Content-Type", "text/plain; charset=utf-8")
			require.Equal(t, "zip_file", n.do(t, request).resource(t).Type)
		},
		"the key is matched in any case": func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, n.url+"/api/v3/users/me", nil)
			require.NoError(t, err)
			request.Header["x-apikey"] = []string{testKey}
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, 200, response.StatusCode)
		},
	} {
		t.Run(name, check)
	}
}

// notAttributes are names that vt-py's objects have themselves.
var notAttributes = []string{"id", "type", "error", "relationships", "context_attributes", "get", "to_dict", "from_dict", "set_data"}

// checkObjects looks at all objects in data, also those in relationships.
func checkObjects(t *testing.T, path string, data json.RawMessage) {
	t.Helper()
	if strings.HasPrefix(string(data), "[") {
		var list []json.RawMessage
		decode(t, data, &list)
		for _, one := range list {
			checkObjects(t, path, one)
		}
		return
	}
	var one struct {
		resource
		Relationships map[string]struct {
			Data json.RawMessage `json:"data"`
		} `json:"relationships"`
	}
	decode(t, data, &one)
	require.NotEmpty(t, one.Type, path)
	require.NotEmpty(t, one.ID, path)
	for name, value := range one.Attributes {
		require.NotContains(t, notAttributes, name, "%s: vt-py cannot set it", path)
		if strings.HasSuffix(name, "_date") || name == "date" || name == "last_login" || name == "user_since" {
			number, isNumber := value.(float64)
			require.True(t, isNumber && number == float64(int64(number)), "%s: %s: %v", path, name, value)
		}
	}
	for _, related := range one.Relationships {
		checkObjects(t, path, related.Data)
	}
}
