// Package webvectors keeps what the web app has to agree with: files that Go writes and that
// the tests of the web app read.
package webvectors

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// webSources is the folder that names are relative to.
const webSources = "web/src"

// golden writes the vectors anew.
var golden = flag.Bool("golden", false, "write the vectors of the web app anew")

// Require checks that a file such as "chain/testdata/txs.json" holds value. With -golden it
// writes the file first.
func Require(t *testing.T, name string, value any) {
	t.Helper()
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	require.NoError(t, encoder.Encode(value))
	path := filepath.Join(moduleRoot(t), webSources, name)
	if *golden {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, written.Bytes(), 0o644))
	}
	stored, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(stored, written.Bytes()), "%s is stale: run the test with -golden", name)
}

// moduleRoot is the folder of go.mod.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		require.NotEqual(t, dir, filepath.Dir(dir), "no go.mod above the test")
		dir = filepath.Dir(dir)
	}
}
