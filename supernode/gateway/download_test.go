package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// TestDownload is rows V-05 and V-06.
func TestDownload(t *testing.T) {
	n := startBundleNode(t)
	content := strings.Repeat("content ", 20_000)
	md5 := n.upload(t, file(content)).Meta["file_info"].(map[string]any)["md5"].(string)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	path := "/api/v3/files/" + md5

	var address string
	decode(t, n.get(t, path+"/download_url").Data, &address)
	require.Equal(t, n.url+"/api/v3/files/"+hexOf(content)+"/download", address)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		request, err := http.NewRequest(method, address, nil)
		require.NoError(t, err)
		request.Header.Set("Accept-Encoding", "gzip")
		a := n.do(t, request)
		require.Equal(t, 200, a.Status)
		require.Empty(t, a.Header.Get("Content-Encoding"))
		require.Equal(t, "application/octet-stream", a.Header.Get("Content-Type"))
		require.Equal(t, `attachment; filename="`+hexOf(content)+`"`, a.Header.Get("Content-Disposition"))
		require.Equal(t, "160000", a.Header.Get("Content-Length"))
		if method == http.MethodGet {
			require.Equal(t, content, string(a.Raw))
		}
	}
	for _, end := range []string{"/download", "/download_url"} {
		refused := n.sendAs(t, otherKey, http.MethodGet, path+end, "")
		require.Equal(t, 403, refused.Status, "it neither brought nor bought it")
		require.Contains(t, refused.Err.Message, "virusmap buy "+hexOf(content))
		require.Equal(t, 404, n.get(t, "/api/v3/files/"+hexOf("none")+end).Status)
	}
	n.chain.set(func() {
		sample := n.chain.samples[hexOf(content)]
		sample.Sealing.VaultEpoch = 8
		n.chain.samples[hexOf(content)] = sample
	})
	a := n.get(t, path+"/download")
	require.Equal(t, 503, a.Status, "nobody has that key")
	require.Empty(t, a.Header.Get("Content-Disposition"))
	n.chain.set(func() {
		sample := n.chain.samples[hexOf(content)]
		sample.Status = samplestypes.STATUS_BLOCKED
		n.chain.samples[hexOf(content)] = sample
	})
	n.reports.views.Purge()
	require.GreaterOrEqual(t, n.get(t, path+"/download").Status, 400, "it was taken down")
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
