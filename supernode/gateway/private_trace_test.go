package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPrivateFileLeavesNoTrace is row S-48: it is not in the queue to the chain, the vault,
// reports, feeds, metrics and logs, and nothing of it can be read on disk.
func TestPrivateFileLeavesNoTrace(t *testing.T) {
	p := startPrivateNode(t, nil)
	content := strings.Repeat(marker+" ", 1000)
	p.uploadPrivate(t, testKey, content).resource(t)
	requireNoTrace(t, p, content) // while the scan waits
	p.scanning(t)
	eventually(t, func() bool {
		return strings.Contains(string(p.getAs(t, testKey, "/api/v3/private/files").Data), "last_analysis_stats")
	}, "results are there")
	requireNoTrace(t, p, content)

	require.NoError(t, p.index.Close())
	require.Equal(t, 503, p.getAs(t, testKey, "/api/v3/private/files/"+hexOf(content)).Status)
	require.Contains(t, p.said.String(), "GET /api/v3/private/files/{id}")
	for _, trace := range []string{marker, markerName, hexOf(content)} {
		require.NotContains(t, p.said.String(), trace)
	}
}

func requireNoTrace(t *testing.T, p *privateNode, content string) {
	t.Helper()
	hash := hexOf(content)
	require.Zero(t, p.queued(t))
	require.True(t, p.vaultIsEmpty(t))
	require.Equal(t, 404, p.getAs(t, testKey, "/api/v3/files/"+hash).Status)
	_, err := p.index.File(context.Background(), mustHash(t, hash))
	require.Error(t, err)
	response, err := http.Get(p.url + "/metrics")
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NotContains(t, string(body), hash)

	raw := mustHash(t, hash)
	require.NoError(t, filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the databases' own files come and go
		}
		require.NoError(t, err)
		for what, trace := range map[string][]byte{"content": []byte(marker), "name": []byte("board-minutes"), "hash": raw, "hex": []byte(hash)} {
			require.False(t, bytes.Contains(data, trace), "%s in %s", what, path)
		}
		return nil
	}))
}
