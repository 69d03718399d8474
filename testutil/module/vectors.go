package moduletest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// vectorFolder is where the web app reads what its encoders have to agree with.
const vectorFolder = "web/src/chain/testdata"

// golden writes the vectors anew.
var golden = flag.Bool("golden", false, "write the vectors of the web app anew")

// RequireVectors checks that a file of the web app's test vectors holds value. With
// -golden it writes the file first.
func RequireVectors(t *testing.T, name string, value any) {
	t.Helper()
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(value))
	path := filepath.Join(moduleRoot(t), vectorFolder, name)
	if *golden {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, written.Bytes(), 0o644))
	}
	stored, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(stored), written.String(), "stale: run the test with -golden")
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
