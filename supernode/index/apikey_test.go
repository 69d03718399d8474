package index

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func keyOf(name, account string) APIKey {
	return APIKey{Hash: sha256.Sum256([]byte(name)), Account: account, Issued: 100, Expires: 200}
}

func TestAPIKeysAreFoundUntilTheyAreDropped(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	key := keyOf("a", "alpha")
	_, err := x.APIKey(ctx, key.Hash)
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorIs(t, x.DropAPIKey(ctx, key.Hash), ErrNotFound)

	require.NoError(t, x.AddAPIKey(ctx, key, 150))
	found, err := x.APIKey(ctx, key.Hash)
	require.NoError(t, err)
	require.Equal(t, key, found)
	require.NoError(t, x.DropAPIKey(ctx, key.Hash))
	_, err = x.APIKey(ctx, key.Hash)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestNewestAuthorisationOfAKeyCounts(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	first, second := keyOf("a", "alpha"), keyOf("a", "alpha")
	second.Issued, second.Expires = 110, 300
	for _, key := range []APIKey{first, second, first} {
		require.NoError(t, x.AddAPIKey(ctx, key, 150))
	}
	found, err := x.APIKey(ctx, first.Hash)
	require.NoError(t, err)
	require.Equal(t, second, found)
	require.ErrorIs(t, x.AddAPIKey(ctx, keyOf("a", "beta"), 150), ErrForeignKey)
}

func TestKeysOfAnAccountAreBounded(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	for i := range MaxKeysPerAccount {
		require.NoError(t, x.AddAPIKey(ctx, keyOf(fmt.Sprint(i), "alpha"), 150))
	}
	require.ErrorIs(t, x.AddAPIKey(ctx, keyOf("more", "alpha"), 150), ErrTooManyKeys)
	require.NoError(t, x.AddAPIKey(ctx, keyOf("0", "alpha"), 150), "one that is there needs no room")
	require.NoError(t, x.AddAPIKey(ctx, keyOf("more", "beta"), 150))
	late := keyOf("late", "alpha")
	late.Expires = 400
	require.NoError(t, x.AddAPIKey(ctx, late, 200), "the others have expired")
	_, err := x.APIKey(ctx, keyOf("0", "").Hash)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestLookupsAreCountedToTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open(t, path)
	ctx := context.Background()
	spend := func(account string, day int64, limit uint64) Spent {
		spent, err := x.SpendLookup(ctx, account, day, limit)
		require.NoError(t, err)
		return spent
	}
	require.Equal(t, Spent{Used: 1, OK: true}, spend("alpha", 10, 3))
	require.Equal(t, Spent{Used: 2, OK: true}, spend("alpha", 10, 3))
	require.NoError(t, x.Close())
	x = open(t, path)
	require.Equal(t, Spent{Used: 3, OK: true}, spend("alpha", 10, 3), "remembered")
	require.Equal(t, Spent{Used: 3}, spend("alpha", 10, 3))
	require.Equal(t, Spent{Used: 1, OK: true}, spend("beta", 10, 3))
	require.Equal(t, Spent{Used: 4, OK: true}, spend("alpha", 10, 5), "a larger plan")
	require.Equal(t, Spent{Used: 1, OK: true}, spend("alpha", 11, 3))
	require.Equal(t, Spent{Used: 3}, spend("alpha", 10, 3), "yesterday is remembered")
	require.Equal(t, Spent{Used: 0}, spend("gamma", 11, 0))
	require.Equal(t, Spent{Used: 1, OK: true}, spend("alpha", 12, 3))
	require.Equal(t, Spent{Used: 1, OK: true}, spend("alpha", 10, 3), "older days are dropped")
}

func TestLookupsAtTheSameTimeAreCountedExactly(t *testing.T) {
	x := newIndex(t)
	const limit, tries = 100, 250
	var wait sync.WaitGroup
	results := make(chan Spent, tries)
	for range tries {
		wait.Go(func() {
			spent, err := x.SpendLookup(context.Background(), "alpha", 10, limit)
			require.NoError(t, err)
			results <- spent
		})
	}
	wait.Wait()
	close(results)
	seen := make(map[uint64]bool)
	for spent := range results {
		if spent.OK {
			require.False(t, seen[spent.Used], "each is counted once")
			seen[spent.Used] = true
		}
	}
	require.Len(t, seen, limit)
}
