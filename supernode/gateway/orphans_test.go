package gateway

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/private"
)

// TestPrivateOrphansAreDropped leaves contents as a crash does between folder and index.
func TestPrivateOrphansAreDropped(t *testing.T) {
	p := startPrivateNode(t, nil)
	p.uploadPrivate(t, testKey, "kept").resource(t)
	var orphans []string
	for _, content := range []string{"first", "second"} {
		orphan, err := p.store.Put(context.Background(), strings.NewReader(content), 100)
		require.NoError(t, err)
		orphans = append(orphans, orphan.ID)
	}
	long := time.Now().Add(-2 * orphanAge)
	contents, err := filepath.Glob(filepath.Join(p.dir, "private", "*.age"))
	require.NoError(t, err)
	require.Len(t, contents, 3)
	for _, path := range contents {
		require.NoError(t, os.Chtimes(path, long, long))
	}
	require.NoError(t, p.tidy(context.Background()))
	for _, id := range orphans {
		_, err := p.store.Open(id)
		require.ErrorIs(t, err, private.ErrNotFound)
	}
	require.Equal(t, 200, p.getAs(t, testKey, "/api/v3/private/files/"+hexOf("kept")).Status)
	left, err := p.store.Older(time.Now())
	require.NoError(t, err)
	require.Len(t, left, 1)
}
