package system

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	vt "github.com/VirusTotal/vt-go"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/fixtures"
)

// vtClient is VirusTotal's own client for Go, pointed at a supernode with a key that a
// wallet authorised. The account has a plan, without which nobody searches or downloads.
type vtClient struct {
	*vt.Client
	key string
}

func (w *world) vtClient(t *testing.T) vtClient {
	t.Helper()
	analyst := w.newVendor(t, "analyst-"+filepath.Base(t.Name()), 200*samplePrice, w.Supernodes[0])
	p := analyst.virusmap(t, "plan", "buy", "--yes", "basic", "--periods", "1")
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	p = analyst.virusmap(t, "plan", "key")
	require.Zero(t, p.code, p.stderr)
	var made struct {
		Key string `json:"api_key"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.stdout), &made), p.stdout)
	vt.SetHost(w.Supernodes[0].URL)
	return vtClient{vt.NewClient(made.Key), made.Key}
}

// completed polls an analysis as every client does.
func (c vtClient) completed(t *testing.T, id string) *vt.Object {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		analysis, err := c.GetObject(vt.URL("analyses/%s", id))
		require.NoError(t, err)
		status, err := analysis.GetString("status")
		require.NoError(t, err)
		if status == "completed" {
			return analysis
		}
		time.Sleep(500 * time.Millisecond)
	}
	require.Fail(t, "the analysis does not end", id)
	return nil
}

// listed reads a whole list, two items at a time.
func (c vtClient) listed(t *testing.T, path string, args ...any) []*vt.Object {
	t.Helper()
	it, err := c.Iterator(vt.URL(path, args...), vt.IteratorBatchSize(2))
	require.NoError(t, err)
	return drained(t, it)
}

// found reads all that a search finds, one item at a time.
func (c vtClient) found(t *testing.T, query string) []*vt.Object {
	t.Helper()
	it, err := c.Search(query, vt.IteratorBatchSize(1))
	require.NoError(t, err)
	return drained(t, it)
}

// drained reads to the end, where an iterator closes itself.
func drained(t *testing.T, it *vt.Iterator) (objects []*vt.Object) {
	t.Helper()
	for it.Next() {
		objects = append(objects, it.Get())
	}
	require.NoError(t, it.Error())
	return objects
}

func idsOf(objects []*vt.Object) (ids []string) {
	for _, o := range objects {
		ids = append(ids, o.ID())
	}
	return ids
}

func TestClientsVTGoFiles(t *testing.T) {
	w := ownWorld(t, "vtgo-files", setup{supernodes: 1})
	client := w.vtClient(t)
	progress := make(chan float32, 1<<10)
	submitted, err := client.NewFileScanner().Scan(strings.NewReader(string(fixtures.EICAR())), "/home/analyst/eicar.com", progress)
	require.NoError(t, err)
	require.Positive(t, client.completed(t, submitted.ID()).MustGetInt64("stats.malicious"))

	hash := hashOf(fixtures.EICAR())
	file, err := client.GetObject(vt.URL("files/%s", hash))
	require.NoError(t, err)
	require.Equal(t, "eicar.com", file.MustGetString("meaningful_name"))
	require.Positive(t, file.MustGetInt64("last_analysis_stats.malicious"))
	require.Equal(t, "eicar", file.MustGetString("popular_threat_classification.suggested_threat_label"))
	require.Eventually(t, func() bool { // what the supernode finds after its engines are done
		file, err = client.GetObject(vt.URL("files/%s", hash))
		require.NoError(t, err)
		ssdeep, _ := file.GetString("ssdeep")
		return ssdeep == "3:a+JraNvsgzsVqSwHq9:tJuOgzsko"
	}, 30*time.Second, 200*time.Millisecond)

	t.Run("relationships", func(t *testing.T) {
		analyses := client.listed(t, "files/%s/analyses", hash)
		require.NotEmpty(t, analyses)
		require.Equal(t, "analysis", analyses[0].Type())
		with, err := client.GetObject(vt.URL("files/%s?relationships=analyses,comments", hash))
		require.NoError(t, err)
		relation, err := with.GetRelationship("analyses")
		require.NoError(t, err)
		require.NotEmpty(t, relation.Objects())
	})
	t.Run("comments", func(t *testing.T) {
		for _, text := range []string{"first #eicar", "second", "third <b>bold</b>"} {
			comment := vt.NewObject("comment")
			require.NoError(t, comment.SetString("text", text))
			require.NoError(t, client.PostObject(vt.URL("files/%s/comments", hash), comment))
			require.NotEmpty(t, comment.ID())
		}
		comments := client.listed(t, "files/%s/comments", hash)
		require.Len(t, comments, 3, "all pages of the list")
		require.NotContains(t, comments[0].MustGetString("html"), "<b>")
		for limit := 1; limit <= 2; limit++ { // go on in the middle of a page, and after one
			it, err := client.Iterator(vt.URL("files/%s/comments", hash), vt.IteratorBatchSize(2), vt.IteratorLimit(limit))
			require.NoError(t, err)
			first := drained(t, it)
			require.Len(t, first, limit)
			it, err = client.Iterator(vt.URL("files/%s/comments", hash), vt.IteratorCursor(it.Cursor()))
			require.NoError(t, err)
			require.Equal(t, idsOf(comments), append(idsOf(first), idsOf(drained(t, it))...))
		}
		_, err := client.Delete(vt.URL("comments/%s", comments[0].ID()))
		require.NoError(t, err)
		require.Len(t, client.listed(t, "files/%s/comments", hash), 2)
	})
	t.Run("votes", func(t *testing.T) {
		vote := vt.NewObject("vote")
		require.NoError(t, vote.SetString("verdict", "malicious"))
		require.NoError(t, client.PostObject(vt.URL("files/%s/votes", hash), vote))
		voted, err := client.GetObject(vt.URL("files/%s", hash))
		require.NoError(t, err)
		require.EqualValues(t, 1, voted.MustGetInt64("total_votes.malicious"))
	})
	t.Run("search", func(t *testing.T) {
		found := client.listed(t, "search?query=%s", hash)
		require.Len(t, found, 1)
		require.Equal(t, hash, found[0].ID())
		queries := []string{
			hash, file.MustGetString("md5"), "name:eicar", "type:" + file.MustGetString("type_tag"),
			"label:Win.Test.EICAR_HDB-1", "eicar name:eicar.com kind:file",
		}
		for _, query := range queries {
			until(t, query, func(context.Context) bool { return len(client.found(t, query)) > 0 }) // the index follows the chain
			require.Equal(t, []string{hash}, idsOf(client.found(t, query)), query)
		}
		require.Empty(t, client.found(t, "label:eicar outcome:clean"))
		require.Len(t, client.listed(t, "intelligence/search?query=name:eicar&order=size-"), 1)
	})
	t.Run("metadata", func(t *testing.T) {
		metadata, err := client.GetMetadata()
		require.NoError(t, err)
		require.Contains(t, metadata.Engines, "ClamAV")
		for _, relation := range metadata.Relationships["file"] {
			_, err := client.Get(vt.URL("files/%s/%s", hash, relation.Name))
			require.NoError(t, err, "a relation that is listed can be asked for: %s", relation.Name)
		}
		for _, name := range []string{"itw_urls", "contacted_urls", "contacted_domains", "contacted_ips", "behaviours"} {
			require.Empty(t, client.listed(t, "files/%s/%s", hash, name), "integrations ask for it")
		}
	})
	t.Run("unknown", func(t *testing.T) {
		_, err := client.GetObject(vt.URL("files/%s", hashOf([]byte("nobody has brought this"))))
		var refusal vt.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, "NotFoundError", refusal.Code)
	})
}

func TestClientsVTGoURLs(t *testing.T) {
	w := ownWorld(t, "vtgo-urls", setup{supernodes: 1})
	client := w.vtClient(t)
	submitted, err := client.NewURLScanner().Scan("http://PayPal.com.account-verify.example:80/login#top")
	require.NoError(t, err)
	client.completed(t, submitted.ID())

	url, err := client.GetObject(vt.URL("analyses/%s/item", submitted.ID()))
	require.NoError(t, err)
	require.Equal(t, "url", url.Type())
	require.Equal(t, "http://paypal.com.account-verify.example/login", url.MustGetString("url"))
	stats := url.MustGetInt64("last_analysis_stats.malicious") + url.MustGetInt64("last_analysis_stats.suspicious")
	require.Positive(t, stats, "a known brand in the name of a foreign host")
	rounds := client.listed(t, "urls/%s/history", url.ID())
	require.Len(t, rounds, 1)
	require.Equal(t, "round", rounds[0].Type())
	engines, err := url.Get("last_analysis_results")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(engines.(map[string]any)), 3)

	domain, err := client.GetObject(vt.URL("domains/account-verify.example"))
	require.NoError(t, err)
	require.Equal(t, "domain", domain.Type())
	urls := client.listed(t, "domains/paypal.com.account-verify.example/urls")
	require.Len(t, urls, 1)
	require.Equal(t, url.ID(), urls[0].ID())
}

// What an account brought itself it may have back, as it is or in an archive with a password.
func TestClientsVTGoArchive(t *testing.T) {
	w := ownWorld(t, "vtgo-archive", setup{supernodes: 1})
	client := w.vtClient(t)
	content := freshText("to be had in an archive")
	submitted, err := client.NewFileScanner().Scan(strings.NewReader(string(content)), "mine.txt", nil)
	require.NoError(t, err)
	client.completed(t, submitted.ID())

	var plain strings.Builder
	size, err := client.DownloadFile(hashOf(content), &plain)
	require.NoError(t, err)
	require.EqualValues(t, len(content), size)
	require.Equal(t, string(content), plain.String())
	_, err = client.DownloadFile(hashOf([]byte("of nobody")), io.Discard)
	require.ErrorContains(t, err, "not")

	order := map[string]any{"hashes": []string{hashOf(content), hashOf([]byte("of nobody"))}, "password": "infected"}
	var made vt.Object
	response, err := client.PostData(vt.URL("intelligence/zip_files"), order)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(response.Data, &made))
	until(t, "the archive", func(context.Context) bool {
		one, err := client.GetObject(vt.URL("intelligence/zip_files/%s", made.ID()))
		require.NoError(t, err)
		return one.MustGetString("status") == "finished"
	})
	one, err := client.GetObject(vt.URL("intelligence/zip_files/%s", made.ID()))
	require.NoError(t, err)
	require.EqualValues(t, 1, one.MustGetInt64("files_ok"))
	require.EqualValues(t, 1, one.MustGetInt64("files_error"))

	var address string
	_, err = client.GetData(vt.URL("intelligence/zip_files/%s/download_url", made.ID()), &address)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	request.Header.Set("X-Apikey", client.key)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	path := filepath.Join(t.TempDir(), "mine.zip")
	file, err := os.Create(path)
	require.NoError(t, err)
	_, err = io.Copy(file, answer.Body)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { _ = archive.Close() }()
	require.Len(t, archive.File, 1)
	require.NotZero(t, archive.File[0].Flags&1, "it is encrypted")
}
