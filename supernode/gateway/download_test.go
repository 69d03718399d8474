package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	vt "github.com/VirusTotal/vt-go"
	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// TestDownload is rows V-05 and V-06, for the account that brought the file.
func TestDownload(t *testing.T) {
	n := startBundleNode(t)
	content := strings.Repeat("content ", 20_000)
	md5 := n.upload(t, file(content)).Meta["file_info"].(map[string]any)["md5"].(string)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	path := "/api/v3/files/" + md5

	vt.SetHost(n.url)
	var got bytes.Buffer
	size, err := vt.NewClient(testKey).DownloadFile(md5, &got)
	require.NoError(t, err)
	require.EqualValues(t, len(content), size)
	require.Equal(t, content, got.String())

	var address string // vt-cli asks for it, and goes there with the key
	decode(t, n.get(t, path+"/download_url").Data, &address)
	require.Equal(t, n.url+"/api/v3/files/"+hexOf(content)+"/download", address)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		request, err := http.NewRequest(method, address, nil)
		require.NoError(t, err)
		request.Header.Set("Accept-Encoding", "gzip")
		a := n.do(t, request)
		require.Equal(t, 200, a.Status)
		require.Empty(t, a.Header.Get("Content-Encoding"), "vt-go does not undo one")
		require.Equal(t, fmt.Sprint(len(content)), a.Header.Get("Content-Length"))
		require.Equal(t, "application/octet-stream", a.Header.Get("Content-Type"))
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
		require.Equal(t, fmt.Sprintf("attachment; filename=%q", hexOf(content)), a.Header.Get("Content-Disposition"))
	}

	for _, name := range []string{"/download", "/download_url"} {
		a := n.sendAs(t, otherKey, http.MethodGet, path+name, "")
		require.Equal(t, 403, a.Status, "it neither brought nor bought it")
		require.Contains(t, a.Err.Message, "virusmap buy "+hexOf(content))
		require.Equal(t, 401, n.anonymously(t, "GET", strings.Replace(path, apiBase, uiBase, 1)+name, "").Status)
		require.Equal(t, 404, n.get(t, "/api/v3/files/"+hexOf("none")+name).Status)
	}
	n.chain.set(func() {
		sample := n.chain.samples[hexOf(content)]
		sample.Status = samplestypes.STATUS_BLOCKED
		n.chain.samples[hexOf(content)] = sample
	})
	require.Equal(t, 403, n.get(t, path+"/download").Status, "it was taken down")
}

// A ciphertext that opens to something else is noticed before anything of it is sent.
func TestDownloadIsGenuine(t *testing.T) {
	n := startBundleNode(t)
	for _, content := range []string{"one", "two"} {
		n.upload(t, file(content))
	}
	eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "on chain")
	n.chain.set(func() {
		one := n.chain.samples[hexOf("one")]
		one.Sealing = n.chain.samples[hexOf("two")].Sealing
		n.chain.samples[hexOf("one")] = one
	})
	a := n.get(t, "/api/v3/files/"+hexOf("one")+"/download")
	require.Equal(t, 503, a.Status)
	require.Equal(t, "TransientError", a.Err.Code)
}

func TestBuyerDownloads(t *testing.T) {
	n := startBundleNode(t, markettypes.Order{
		Buyer: operator(3), Sha256: mustHash(t, hexOf("content")), Status: markettypes.ORDER_STATUS_SETTLED,
	})
	n.upload(t, file("content"))
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	id := [32]byte(mustHash(t, hexOf("content")))
	sample, err := n.entitledSample(t.Context(), operator(3)+"/00", id)
	require.NoError(t, err)
	plain, err := n.unseal(t.Context(), id, sample)
	require.NoError(t, err)
	defer plain.Close()
	var sent bytes.Buffer
	require.NoError(t, sendGenuine(&sent, plain))
	require.Equal(t, "content", sent.String())
}

// What proves wrong at its end is never sent whole.
func TestLastPieceIsKeptBack(t *testing.T) {
	wrong := errors.New("wrong")
	for _, size := range []int{0, 1, downloadPiece - 1, downloadPiece, downloadPiece + 1, 3 * downloadPiece} {
		content := strings.Repeat("x", size)
		var sent bytes.Buffer
		require.NoError(t, sendGenuine(&sent, iotest.OneByteReader(strings.NewReader(content))))
		require.Equal(t, size, sent.Len())
		sent.Reset()
		require.NoError(t, sendGenuine(&sent, iotest.DataErrReader(strings.NewReader(content))))
		require.Equal(t, size, sent.Len())
		sent.Reset()
		require.ErrorIs(t, sendGenuine(&sent, io.MultiReader(strings.NewReader(content), iotest.ErrReader(wrong))), wrong)
		require.LessOrEqual(t, sent.Len(), max(size-1, 0))
	}
}
