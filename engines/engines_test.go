package engines

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "engines")
	require.NoError(t, Install(dir))
	for _, path := range []string{"README.md", "clamav/virusmap.hdb", "yara/test_files.yar", "blocklist/hashes.txt", "urlrules/brands.txt"} {
		installed, err := os.ReadFile(filepath.Join(dir, path))
		require.NoError(t, err)
		shipped, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, shipped, installed)
	}

	own := filepath.Join(dir, "blocklist/hashes.txt")
	require.NoError(t, os.WriteFile(own, []byte("# mine\n"), 0o644))
	require.NoError(t, Install(dir))
	kept, err := os.ReadFile(own)
	require.NoError(t, err)
	require.Equal(t, "# mine\n", string(kept), "what an operator changed stays")
}
