package index

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open(t, path)
	_, err := x.write.Exec(`UPDATE schema_version SET version = $1`, len(migrations)+1)
	require.NoError(t, err)
	require.NoError(t, x.Close())
	_, err = Open(context.Background(), configOf(t, path))
	require.ErrorContains(t, err, "newer than this release")
}

func TestManyOpenANewDatabaseAtOnce(t *testing.T) {
	cfg := configOf(t, filepath.Join(t.TempDir(), "index.db"))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			x, err := Open(context.Background(), cfg)
			if err == nil {
				err = x.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

// Before PostgreSQL, the version was in user_version of the file.
func TestFormerSQLiteFileIsTakenOver(t *testing.T) {
	if onPostgreSQL {
		t.Skip("of SQLite files only")
	}
	path := filepath.Join(t.TempDir(), "index.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	for version, migration := range migrations[:2] {
		_, err = db.Exec(fmt.Sprintf("%s; PRAGMA user_version = %d", sqlite{}.schema(migration), version+1))
		require.NoError(t, err)
	}
	hash := hashOf("seen before")
	_, err = db.Exec(`INSERT INTO sightings (sha256) VALUES (?)`, hash[:])
	require.NoError(t, err)
	require.NoError(t, db.Close())

	x := open(t, path)
	sighted, err := x.Sighted(context.Background(), hash)
	require.NoError(t, err)
	require.True(t, sighted)
	progress, err := x.FeedProgress(context.Background())
	require.NoError(t, err)
	require.Zero(t, progress, "the third migration ran")
}

func TestURLIsChecked(t *testing.T) {
	for _, url := range []string{"mysql://host/db", "postgres://host:port/db", "virusmap"} {
		_, err := Open(context.Background(), Config{URL: url})
		require.ErrorContains(t, err, "url", url)
	}
	_, err := Open(context.Background(), Config{URL: "postgres://user:secret@host:port/db"})
	require.NotContains(t, err.Error(), "secret")
}
