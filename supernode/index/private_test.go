package index

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

var room = PrivateRoom{Bytes: 100, FilesPerOwner: 3}

func addPrivate(x *Index, owner, content string, created int64) (PrivateFile, error) {
	id := fmt.Sprint(owner, "-", content, "-", created)
	return x.AddPrivateFile(context.Background(), PrivateFile{
		ID: id, Owner: []byte(owner), Tag: []byte(content), Size: 10, Created: created, Expires: created + 100, Sealed: []byte("sealed"),
	}, PrivateAnalysis{ID: "analysis of " + id, Owner: []byte(owner), Created: created}, room, AuditEntry{Time: created, Action: "private_upload"})
}

func TestPrivateFilesBelongToTheirOwner(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	stored, err := addPrivate(x, "alpha", "a", 1)
	require.NoError(t, err)
	found, err := x.PrivateFile(ctx, []byte("alpha"), []byte("a"))
	require.NoError(t, err)
	require.Equal(t, stored, found)
	_, err = x.PrivateFile(ctx, []byte("beta"), []byte("a"))
	require.ErrorIs(t, err, ErrNotFound)

	again, err := addPrivate(x, "alpha", "a", 50)
	require.NoError(t, err)
	require.Equal(t, stored.ID, again.ID, "the same content of the same owner is one file")
	require.EqualValues(t, 150, again.Expires, "whose time begins anew")
	other, err := addPrivate(x, "beta", "a", 2)
	require.NoError(t, err)
	require.NotEqual(t, stored.ID, other.ID)

	analyses, err := x.PrivateAnalyses(ctx, []byte("alpha"), PrivatePosition{}, 10)
	require.NoError(t, err)
	require.Len(t, analyses, 2)
	require.Greater(t, analyses[0].Created, analyses[1].Created)
}

func TestPrivateRoomIsBounded(t *testing.T) {
	x := newIndex(t)
	for i := range room.FilesPerOwner {
		_, err := addPrivate(x, "alpha", fmt.Sprint(i), i)
		require.NoError(t, err)
	}
	_, err := addPrivate(x, "alpha", "more", 9)
	require.ErrorIs(t, err, ErrTooMuchPrivate)
	for i := range 7 {
		_, err := addPrivate(x, fmt.Sprint("owner", i), "a", 1)
		require.NoError(t, err)
	}
	_, err = addPrivate(x, "beta", "a", 9)
	require.ErrorIs(t, err, ErrTooMuchPrivate, "all owners together")
}

func TestDroppedPrivateFileIsForgotten(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	stored, err := addPrivate(x, "alpha", "a", 1)
	require.NoError(t, err)
	analyses, err := x.PrivateAnalyses(ctx, []byte("alpha"), PrivatePosition{}, 10)
	require.NoError(t, err)
	_, err = x.LatestPrivateAnalysis(ctx, stored.ID)
	require.ErrorIs(t, err, ErrNotFound, "none is done")
	require.NoError(t, x.FinishPrivateAnalysis(ctx, analyses[0].ID, 5, []byte("results")))
	latest, err := x.LatestPrivateAnalysis(ctx, stored.ID)
	require.NoError(t, err)
	require.Equal(t, []byte("results"), latest.Sealed)

	require.NoError(t, x.DropPrivateFile(ctx, stored.ID, AuditEntry{Time: 9, Action: "private_delete"}))
	require.ErrorIs(t, x.DropPrivateFile(ctx, stored.ID, AuditEntry{}), ErrNotFound)
	require.NoError(t, x.FinishPrivateAnalysis(ctx, analyses[0].ID, 6, []byte("late")), "the scan came too late")
	_, err = x.PrivateAnalysis(ctx, analyses[0].ID)
	require.ErrorIs(t, err, ErrNotFound)
	log, err := x.AuditLog(ctx, AuditQuery{Limit: 10})
	require.NoError(t, err)
	require.Len(t, log, 2)
}

func TestPrivateListsGoOnWhereTheyEnded(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	for i := range int64(3) {
		_, err := addPrivate(x, "alpha", fmt.Sprint(i), i/2) // two at the same time
		require.NoError(t, err)
	}
	var seen []string
	var after PrivatePosition
	for range 3 {
		page, err := x.PrivateFiles(ctx, []byte("alpha"), after, 1)
		require.NoError(t, err)
		require.Len(t, page, 1)
		seen = append(seen, page[0].ID)
		after = PrivatePosition{page[0].Created, page[0].ID}
	}
	require.ElementsMatch(t, []string{"alpha-0-0", "alpha-1-0", "alpha-2-1"}, seen)
	expired, err := x.ExpiredPrivateFiles(ctx, 100)
	require.NoError(t, err)
	require.Len(t, expired, 2)
}

func TestOldAnalysesOfAPrivateFileGo(t *testing.T) {
	x := newIndex(t)
	stored, err := addPrivate(x, "alpha", "a", 1)
	require.NoError(t, err)
	for i := range int64(2 * maxPrivateAnalyses) {
		require.NoError(t, x.AddPrivateAnalysis(context.Background(), PrivateAnalysis{
			ID: fmt.Sprint(i), File: stored.ID, Owner: stored.Owner, Created: 2 + i,
		}))
	}
	left, err := x.PrivateAnalyses(context.Background(), stored.Owner, PrivatePosition{}, 1000)
	require.NoError(t, err)
	require.Len(t, left, maxPrivateAnalyses)
}

// A file that its owner sends once more must not go with those whose time was over before.
func TestExpiredPrivateFileThatCameAgainStays(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	_, err := addPrivate(x, "alpha", "a", 1)
	require.NoError(t, err)
	expired, err := x.ExpiredPrivateFiles(ctx, 120)
	require.NoError(t, err)
	require.Len(t, expired, 1)
	_, err = addPrivate(x, "alpha", "a", 120)
	require.NoError(t, err)
	require.ErrorIs(t, x.DropExpiredPrivateFile(ctx, expired[0].ID, AuditEntry{Time: 120}), ErrNotFound)
	analyses, err := x.PrivateAnalyses(ctx, []byte("alpha"), PrivatePosition{}, 10)
	require.NoError(t, err)
	require.Len(t, analyses, 2)
	require.NoError(t, x.DropExpiredPrivateFile(ctx, expired[0].ID, AuditEntry{Time: 220}))
}
