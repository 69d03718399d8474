package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// formOfVTPy is a body as aiohttp writes it for vt-py: the name of the file is the path that
// it was opened by, as it is.
func formOfVTPy(path, content string, more ...field) (body, contentType string) {
	const boundary = "0fe6b5d1a3f64c1e9c2e8a0f3a3b9b11"
	var form strings.Builder
	fmt.Fprintf(&form, "--%s\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n%s\r\n",
		boundary, len(content), path, content)
	for _, f := range more {
		fmt.Fprintf(&form, "--%s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", boundary, f.key, f.value)
	}
	return form.String() + "--" + boundary + "--\r\n", "multipart/form-data; boundary=" + boundary
}

// sendForm sends a form to where an upload_url says.
func (n *node) sendForm(t *testing.T, uploadURL, body, contentType string) answer {
	t.Helper()
	var address string
	decode(t, n.get(t, uploadURL).Data, &address)
	require.True(t, strings.HasPrefix(address, n.url+"/api/v3/"), "absolute")
	require.NotContains(t, address, "{", "vt-py takes them for placeholders")
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	require.NoError(t, err)
	request.ContentLength = -1 // aiohttp does not know it either
	request.Header.Set("Content-Type", contentType)
	return n.do(t, request)
}

// TestFileNamesOfVTPy is Client.scan_file.
func TestFileNamesOfVTPy(t *testing.T) {
	n := startNode(t, nil)
	for path, want := range map[string]string{
		"/home/analyst/invoice.pdf": "invoice.pdf", `C:\Users\analyst\invoice.pdf`: "invoice.pdf", "/tmp/文件 naïve.bin": "文件 naïve.bin",
		`/tmp/the "final" one.doc`: `the "final" one.doc`, `a;b="c".bin`: `a;b="c".bin`, "unknown": "unknown",
	} {
		body, contentType := formOfVTPy(path, path)
		a := n.sendForm(t, "/api/v3/files/upload_url", body, contentType)
		require.Equal(t, "analysis", a.resource(t).Type)
		require.Equal(t, want, n.get(t, "/api/v3/files/"+hexOf(path)).resource(t).Attributes["meaningful_name"])
	}
}

// TestPrivateScansOfVTPy is Client.scan_file_private with wait_for_completion.
func TestPrivateScansOfVTPy(t *testing.T) {
	p := startPrivateNode(t, nil)
	p.scanning(t)
	body, contentType := formOfVTPy(markerName, marker)
	id := p.sendForm(t, "/api/v3/private/files/upload_url", body, contentType).resource(t).ID
	wait := "/api/v3/analyses/" + id // vt-py waits for all analyses there
	eventually(t, func() bool { return p.get(t, wait).resource(t).Attributes["status"] == "completed" }, "scanned")
	require.Equal(t, p.get(t, "/api/v3/private/analyses/"+id).Data, p.get(t, wait).Data)
	require.Equal(t, 404, p.getAs(t, otherKey, wait).Status, "it is another's")
	require.Regexp(t, `^[\d\w=]{20,}$`, id, "what vt-cli takes for an analysis")

	// Before 0.22 it sends private files where all go, with a field that says so.
	for _, value := range []string{"1", "true"} {
		body, contentType = formOfVTPy(markerName, marker+value, field{"private", "", value}, field{"code_insight", "", "0"})
		a := p.sendForm(t, "/api/v3/files/upload_url", body, contentType)
		require.Equal(t, 400, a.Status)
		require.Contains(t, a.Err.Message, "/private/files")
		require.Equal(t, 404, p.get(t, "/api/v3/files/"+hexOf(marker+value)).Status)
	}
	require.True(t, p.vaultIsEmpty(t))
	require.Zero(t, p.queued(t))
	body, contentType = formOfVTPy("name", "content", field{"private", "", "0"})
	p.sendForm(t, "/api/v3/files/upload_url", body, contentType).resource(t)
}

// A wait for what goes on is not ended by the limit of the minute.
func TestPollingIsNotCounted(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.RequestsPerMinute = 1 })
	require.NotEqual(t, 429, n.get(t, "/api/v3/users/me").Status)
	for path, counted := range map[string]bool{
		"/analyses/x": false, "/private/analyses/x": false, "/intelligence/zip_files/x": false, "/feeds/files/202603011000": false,
		"/intelligence/zip_files/x/download": true, "/intelligence/zip_files": true, "/private/files": true, "/files/x": true,
	} {
		require.Equal(t, counted, n.get(t, "/api/v3"+path).Status == 429, path)
	}
}

// TestPrivateFilesByOtherHashes are not found, so that vt-cli goes on to the next argument.
func TestPrivateFilesByOtherHashes(t *testing.T) {
	p := startPrivateNode(t, nil)
	for id, status := range map[string]int{hexOf("x")[:32]: 404, hexOf("x")[:40]: 404, hexOf("x"): 404, "x": 400} {
		require.Equal(t, status, p.getAs(t, testKey, "/api/v3/private/files/"+id).Status, id)
	}
}

// A page before the last one has something in it: vt-py fails on others.
func TestPagesAreNotEmpty(t *testing.T) {
	f := startPrivateNode(t, nil)
	begin := f.clock.Now()
	for i := range 3 {
		f.clock.set(begin.Add(time.Duration(i) * time.Minute))
		f.uploadPrivate(t, testKey, fmt.Sprint("private ", i)).resource(t)
	}
	f.clock.set(begin.AddDate(0, 0, f.cfg.Private.RetentionDays).Add(time.Minute)) // two are over
	first := f.get(t, "/api/v3/private/files?limit=1")
	require.Equal(t, hexOf("private 2"), first.list(t)[0].ID)
	second := f.get(t, fmt.Sprintf("/api/v3/private/files?limit=1&cursor=%s", first.Meta["cursor"]))
	require.Empty(t, second.list(t))
	require.NotContains(t, second.Meta, "cursor")
}

// TestSearchPagesAreNotEmpty has more names than the index looks at for one page.
func TestSearchPagesAreNotEmpty(t *testing.T) {
	n := startNode(t, nil)
	for i := range 2100 {
		_, err := n.index.Record(t.Context(), index.Submission{
			SHA256: [32]byte{byte(i >> 8), byte(i)}, Size: 1, Name: fmt.Sprintf("common %04d", i), Time: 1_900_000_000, State: index.StateOnChain,
		})
		require.NoError(t, err)
	}
	a := n.get(t, "/api/v3/intelligence/search?limit=1&query="+url.QueryEscape("name:common outcome:malicious"))
	require.Empty(t, a.list(t))
	require.NotContains(t, a.Meta, "cursor", "the next page of an empty one is none")
}

// TestFeedOfURLs is vt-py's example of one: it prints the URL.
func TestFeedOfURLs(t *testing.T) {
	const page = "http://www.example.com/a"
	f := startFeedNode(t, nil)
	f.submitURL(t, page).resource(t)
	f.finishURL(page, 1)
	line, err := f.feedLine(markettypes.FeedURLs)(t.Context(), 1, markettypes.FeedEntry{Sha256: mustHash(t, hexOf(page)), Round: 1})
	require.NoError(t, err)
	var object resource
	require.NoError(t, json.Unmarshal(line, &object))
	require.Equal(t, "url", object.Type)
	require.Equal(t, hexOf(page), object.ID)
	require.Equal(t, "/api/v3/urls/"+hexOf(page), object.Links["self"])
	require.Equal(t, page, object.Attributes["url"])
	require.NotContains(t, object.Attributes, "sha256")
	require.Contains(t, object.Attributes, "last_analysis_date")
}
