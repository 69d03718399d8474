package gateway

import (
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	vt "github.com/VirusTotal/vt-go"
	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// shown reads an object as vt-cli does before it prints it.
func shown(t *testing.T, o *vt.Object) map[string]any {
	t.Helper()
	require.NotEmpty(t, o.ID())
	require.NotEmpty(t, o.Type())
	all := make(map[string]any)
	for _, name := range o.Attributes() {
		value, err := o.Get(name)
		require.NoError(t, err, name)
		all[name] = value
	}
	for _, name := range o.Relationships() {
		related, err := o.GetRelationship(name)
		require.NoError(t, err)
		for _, one := range related.Objects() {
			require.NotEmpty(t, one.ID(), name)
		}
	}
	return all
}

func codeOf(t *testing.T, err error) string {
	t.Helper()
	var refusal vt.Error
	require.ErrorAs(t, err, &refusal)
	return refusal.Code
}

// TestCommandsOfVTCLI does with vt-go what the commands of vt-cli do with it.
func TestCommandsOfVTCLI(t *testing.T) {
	n := startBundleNode(t)
	n.chain.set(func() { n.chain.seats = []string{operator(1)} })
	vt.SetHost(n.url)
	client := vt.NewClient(testKey)
	const page = "http://www.example.com/a?b=c"

	t.Run("init and meta", func(t *testing.T) {
		metadata, err := client.GetMetadata()
		require.NoError(t, err)
		require.NoError(t, gob.NewEncoder(io.Discard).Encode(metadata.Relationships))
		require.Contains(t, metadata.Engines, "yara")
		for _, kind := range []string{"file", "url", "domain", "ip_address", "collection"} {
			require.NotEmpty(t, metadata.Relationships[kind], kind)
		}
	})
	t.Run("scan file, analysis, file", func(t *testing.T) {
		analysis, err := client.NewFileScanner().ScanWithParameters(strings.NewReader("content"), "dir/name.bin", nil, map[string]string{"password": ""})
		require.NoError(t, err)
		require.Regexp(t, `(f|u)-[[:xdigit:]]{64}-\d+|[\d\w=]{20,}`, analysis.ID())
		polled, err := client.GetObject(vt.URL("analyses/%s", analysis.ID()))
		require.NoError(t, err)
		require.Contains(t, []any{"queued", "in-progress"}, shown(t, polled)["status"])
		eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
		n.chain.finish("content", 1, verdictstypes.OUTCOME_MALICIOUS)
		polled, err = client.GetObject(vt.URL("analyses/%s", analysis.ID()))
		require.NoError(t, err)
		require.Equal(t, "completed", shown(t, polled)["status"])

		md5 := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes["md5"].(string)
		file, err := client.GetObject(vt.URL("files/%s", md5))
		require.NoError(t, err)
		require.Equal(t, hexOf("content"), file.ID())
		shown(t, file)
	})
	t.Run("file --private", func(t *testing.T) {
		for _, endpoint := range []string{"urls/%s", "private/urls/%s"} {
			_, err := client.GetObject(vt.URL(endpoint, hexOf("none")))
			require.Equal(t, "NotFoundError", codeOf(t, err), "any other error ends the command")
		}
	})
	t.Run("scan url, url", func(t *testing.T) {
		analysis, err := client.NewURLScanner().Scan(page)
		require.NoError(t, err)
		require.Regexp(t, `^u-[[:xdigit:]]{64}-\d+$`, analysis.ID())
		for _, id := range []string{hexOf(page), strings.ToUpper(hexOf(page)), base64.RawURLEncoding.EncodeToString([]byte(page))} {
			found, err := client.GetObject(vt.URL("urls/%s", id))
			require.NoError(t, err)
			require.Equal(t, page, shown(t, found)["url"])
		}
	})
	t.Run("relationships", func(t *testing.T) {
		metadata, err := client.GetMetadata()
		require.NoError(t, err)
		for kind, id := range map[string]string{
			"files": hexOf("content"), "urls": base64.RawURLEncoding.EncodeToString([]byte(page)), "domains": "www.example.com",
		} {
			for _, relation := range metadata.Relationships[strings.TrimSuffix(kind, "s")] {
				it, err := client.Iterator(vt.URL("%s/%s/%s", kind, id, relation.Name), vt.IteratorLimit(10), vt.IteratorFilter(""))
				require.NoError(t, err)
				for it.Next() {
					_ = it.Get()
				}
				require.NoError(t, it.Error(), "%s of %s", relation.Name, kind)
			}
		}
	})
	t.Run("user and group", func(t *testing.T) {
		for _, name := range []string{"me", testKey} {
			user, err := client.GetObject(vt.URL("users/%s?relationships=groups,api_quota_group,intelligence_quota_group,monitor_quota_group", name))
			require.NoError(t, err)
			require.Contains(t, shown(t, user), "quotas")
		}
		_, err := client.GetObject(vt.URL("groups/any"))
		require.Equal(t, "NotFoundError", codeOf(t, err))
		user := vt.NewObjectWithID("user", "me")
		require.NoError(t, user.Set("privileges", map[string]any{"intelligence": map[string]any{"granted": true}}))
		require.Equal(t, "NotFoundError", codeOf(t, client.PatchObject(vt.URL("users/me"), user)), "plans are bought")
	})
	t.Run("search", func(t *testing.T) {
		it, err := client.Search("name:name.bin", vt.IteratorLimit(10), vt.IteratorBatchSize(10), vt.IteratorDescriptorsOnly(true))
		require.NoError(t, err)
		require.True(t, it.Next(), it.Error())
		require.Equal(t, hexOf("content"), it.Get().ID())
		require.Empty(t, it.Get().Attributes())
	})
	t.Run("collection", func(t *testing.T) { collectionCommands(t, client) })
	t.Run("download --zip", func(t *testing.T) {
		response, err := client.PostData(vt.URL("intelligence/zip_files"), map[string]any{"hashes": []string{hexOf("content")}})
		require.NoError(t, err)
		var bundle *vt.Object
		require.NoError(t, json.Unmarshal(response.Data, &bundle))
		eventually(t, func() bool {
			bundle, err = client.GetObject(vt.URL("intelligence/zip_files/%s", bundle.ID()))
			require.NoError(t, err)
			return bundle.MustGetString("status") == "finished"
		}, "finished")
		require.EqualValues(t, 1, bundle.MustGetInt64("files_ok"))
	})
}

// collectionCommands are create, rename, update, remove and delete.
func collectionCommands(t *testing.T, client *vt.Client) {
	collection := vt.NewObject("collection")
	require.NoError(t, collection.SetString("name", "of the command line"))
	require.NoError(t, collection.SetString("description", "made by it"))
	collection.SetData("raw_items", strings.Join([]string{"www.example.com", "192.0.2.1", "http://www.example.org/x", hexOf("content")}, " "))
	require.NoError(t, client.PostObject(vt.URL("collections"), collection))
	id := collection.ID()
	require.EqualValues(t, 1, collection.MustGetInt64("files_count"))

	renamed := vt.NewObjectWithID("collection", id)
	require.NoError(t, renamed.Set("name", "renamed"))
	require.NoError(t, client.PatchObject(vt.URL("collections/%s", id), renamed))
	require.Equal(t, "renamed", renamed.MustGetString("name"))
	updated := vt.NewObjectWithID("collection", id)
	updated.SetData("raw_items", "example.net")
	require.NoError(t, client.PatchObject(vt.URL("collections/%s", id), updated))
	require.EqualValues(t, 2, updated.MustGetInt64("domains_count"))
	require.Equal(t, "renamed", updated.MustGetString("name"))

	type item struct {
		Type string `json:"type"`
		ID   string `json:"id,omitempty"`
		URL  string `json:"url,omitempty"`
	}
	for relation, gone := range map[string]item{
		"files": {Type: "file", ID: hexOf("content")}, "urls": {Type: "url", URL: "http://www.example.org/x"},
		"domains": {Type: "domain", ID: "example.net"}, "ip_addresses": {Type: "ip_address", ID: "192.0.2.1"},
	} {
		_, err := client.DeleteData(vt.URL("collections/%s/%s", id, relation), []item{gone})
		require.NoError(t, err, relation)
	}
	left, err := client.GetObject(vt.URL("collections/%s", id))
	require.NoError(t, err)
	counts := []int64{left.MustGetInt64("files_count"), left.MustGetInt64("urls_count"), left.MustGetInt64("domains_count"), left.MustGetInt64("ip_addresses_count")}
	require.True(t, slices.Equal([]int64{0, 0, 1, 0}, counts), counts)

	_, err = client.Delete(vt.URL("collections/%s", id))
	require.NoError(t, err)
	_, err = client.GetObject(vt.URL("collections/%s", id))
	require.Equal(t, "NotFoundError", codeOf(t, err))
}
