package heuristics

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Programs of a healthy system must not be called malicious, and hardly ever
// suspicious.
func TestSystemProgramsAreClean(t *testing.T) {
	files, suspicious := 0, 0
	for _, pattern := range []string{"/usr/bin/*", "/usr/sbin/*", "/usr/lib/*-linux-gnu/*.so*"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			info, err := os.Lstat(path)
			if err != nil || !info.Mode().IsRegular() || info.Size() > 64<<20 {
				continue
			}
			content, err := os.ReadFile(path)
			if err != nil {
				continue // not for this user
			}
			files++
			verdict := Inspect(content, filepath.Base(path))
			require.NotEqual(t, "malicious", verdict.Category, "%s: %+v", path, verdict)
			if verdict.Category == "suspicious" {
				suspicious++
				t.Logf("%s: %+v", path, verdict)
			}
		}
	}
	require.Greater(t, files, 200)
	require.LessOrEqual(t, suspicious, files/100, "of %d files", files)
	t.Logf("%d files, %d suspicious", files, suspicious)
}
