package node

import (
	"bytes"
	"context"
	"crypto/md5"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/engine/pefile/pefiletest"
	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// What is open for the engines is looked into once, by a worker, and kept.
func TestDetailsOfOpenedFilesAreKept(t *testing.T) {
	ctx := context.Background()
	analyser, err := analysis.Open(nil)
	require.NoError(t, err)
	x, err := index.Open(ctx, index.Config{Path: filepath.Join(t.TempDir(), "index.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, x.Close()) })
	n := &Node{log: slog.New(slog.DiscardHandler)}
	require.Nil(t, n.keepDetails(analyser), "nobody would read it")
	n.index = x

	program := pefiletest.Build(nil, nil, pefiletest.Section{Name: ".text", Content: []byte(strings.Repeat("code of a program ", 300))})
	content, err := engine.NewContent(bytes.NewReader(program), 1<<20)
	require.NoError(t, err)
	defer content.Close()
	keep := n.keepDetails(analyser)
	keep(content)
	sum := md5.Sum(program)
	file, err := x.File(ctx, sum[:])
	require.NoError(t, err)
	require.Equal(t, content.SHA256, file.SHA256)
	require.Equal(t, "peexe", file.TypeTag)
	require.NotEmpty(t, file.Details.SSDEEP)
	require.NotEmpty(t, file.Details.TLSH)
	require.Len(t, file.Details.Authentihash, 64)
	require.Contains(t, string(file.Details.PE), `"machine_type":34404`)

	url, err := engine.NewContent(strings.NewReader("http://example.com/"), 1<<20)
	require.NoError(t, err)
	defer url.Close()
	url.Kind = samplestypes.KIND_URL
	keep(url)
	_, err = x.File(ctx, url.SHA256[:])
	require.ErrorIs(t, err, index.ErrNotFound, "a URL is no file")

	require.NoError(t, analyser.Close())
	keep(content) // known: no worker is asked, or it would be missed below
	again, err := x.File(ctx, sum[:])
	require.NoError(t, err)
	require.Equal(t, file, again)

	other, err := engine.NewContent(strings.NewReader("other"), 1<<20)
	require.NoError(t, err)
	defer other.Close()
	keep(other)
	found, err := x.File(ctx, other.SHA256[:])
	require.NoError(t, err)
	require.Nil(t, found.Details, "without a worker there are none, but the hashes are")
}
