package index

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/postgres"
)

// onPostgreSQL tells on which database the tests run now, and urls which schema stands for
// the file at a path then.
var (
	onPostgreSQL bool
	urls         = make(map[string]string)
)

// TestMain runs all tests of the package twice: on SQLite and on PostgreSQL.
func TestMain(m *testing.M) {
	os.Exit(postgres.Main(func() int {
		for _, onPostgreSQL = range []bool{false, true} {
			fmt.Println(map[bool]string{false: "on SQLite:", true: "on PostgreSQL:"}[onPostgreSQL])
			if code := m.Run(); code != 0 {
				return code
			}
		}
		return 0
	}))
}

// configOf is an index that is the same one whenever the path is the same.
func configOf(t testing.TB, path string) Config {
	t.Helper()
	if !onPostgreSQL {
		return Config{Path: path}
	}
	if urls[path] == "" {
		urls[path] = postgres.URL(t)
	}
	return Config{URL: urls[path]}
}

func open(t testing.TB, path string) *Index {
	t.Helper()
	x, err := Open(context.Background(), configOf(t, path))
	require.NoError(t, err)
	t.Cleanup(func() { x.Close() })
	return x
}

func newIndex(t testing.TB) *Index {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "index.db"))
}

// hashOf is the SHA-256 of a word.
func hashOf(word string) [32]byte { return sha256.Sum256([]byte(word)) }
