package clamd

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOnlyFoldersOfDeadOwnersAreRemoved(t *testing.T) {
	parent := t.TempDir()
	folder := func(name string) string {
		path := filepath.Join(parent, name)
		require.NoError(t, os.MkdirAll(filepath.Join(path, "tmp"), 0o700))
		return path
	}
	age := func(path string) {
		old := time.Now().Add(-time.Hour)
		require.NoError(t, os.Chtimes(path, old, old))
	}
	dead, alive, starting, foreign := folder(folderPrefix+"dead"), folder(folderPrefix+"alive"),
		folder(folderPrefix+"starting"), folder("other")
	lock, err := own(alive)
	require.NoError(t, err)
	defer func() { _ = lock.Close() }()
	age(dead)
	age(alive)
	age(foreign)

	removeLeftovers(parent)

	require.NoDirExists(t, dead)
	require.DirExists(t, alive)
	require.DirExists(t, starting)
	require.DirExists(t, foreign)
}
