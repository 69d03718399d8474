package index

import (
	"context"
	"crypto/sha256"
	"fmt"
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
	require.ErrorIs(t, x.DropAPIKey(ctx, key.Hash, AuditEntry{}), ErrNotFound)

	require.NoError(t, x.AddAPIKey(ctx, key, 150, AuditEntry{}))
	found, err := x.APIKey(ctx, key.Hash)
	require.NoError(t, err)
	require.Equal(t, key, found)
	require.NoError(t, x.DropAPIKey(ctx, key.Hash, AuditEntry{}))
	_, err = x.APIKey(ctx, key.Hash)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestNewestAuthorisationOfAKeyCounts(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	first, second := keyOf("a", "alpha"), keyOf("a", "alpha")
	second.Issued, second.Expires = 110, 300
	for _, key := range []APIKey{first, second, first} {
		require.NoError(t, x.AddAPIKey(ctx, key, 150, AuditEntry{}))
	}
	found, err := x.APIKey(ctx, first.Hash)
	require.NoError(t, err)
	require.Equal(t, second, found)
	require.ErrorIs(t, x.AddAPIKey(ctx, keyOf("a", "beta"), 150, AuditEntry{}), ErrForeignKey)
}

func TestKeysOfAnAccountAreBounded(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	for i := range MaxKeysPerAccount {
		require.NoError(t, x.AddAPIKey(ctx, keyOf(fmt.Sprint(i), "alpha"), 150, AuditEntry{}))
	}
	require.ErrorIs(t, x.AddAPIKey(ctx, keyOf("more", "alpha"), 150, AuditEntry{}), ErrTooManyKeys)
	require.NoError(t, x.AddAPIKey(ctx, keyOf("0", "alpha"), 150, AuditEntry{}), "one that is there needs no room")
	require.NoError(t, x.AddAPIKey(ctx, keyOf("more", "beta"), 150, AuditEntry{}))
	late := keyOf("late", "alpha")
	late.Expires = 400
	require.NoError(t, x.AddAPIKey(ctx, late, 200, AuditEntry{}), "the others have expired")
	_, err := x.APIKey(ctx, keyOf("0", "").Hash)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestKeysOfAllAccountsAreListedByPages(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	for i := range 5 {
		require.NoError(t, x.AddAPIKey(ctx, keyOf(fmt.Sprint(i), "alpha"), 150, AuditEntry{Action: "key_added"}))
	}
	var after []byte
	seen := map[[32]byte]bool{}
	for range 3 {
		keys, err := x.APIKeys(ctx, after, 2)
		require.NoError(t, err)
		for _, key := range keys {
			require.Equal(t, "alpha", key.Account)
			seen[key.Hash], after = true, key.Hash[:]
		}
	}
	require.Len(t, seen, 5)
	log, err := x.AuditLog(ctx, AuditQuery{Limit: 10})
	require.NoError(t, err)
	require.Len(t, log, 5, "written with the keys")
}
