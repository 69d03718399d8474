package index

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const feedMinute = int64(30_000_000)

func feedEntriesOf(from, count int) (entries []markettypes.FeedEntry) {
	for i := range count {
		hash := submissionOf(fmt.Sprint(from + i)).SHA256
		entries = append(entries, markettypes.FeedEntry{Sha256: hash[:], Round: uint64(from + i), Outcome: 2, Stage: uint32(i)})
	}
	return entries
}

func added(first, count int) FeedEntries {
	return FeedEntries{Feed: "files", Minute: feedMinute, First: uint64(first), Entries: feedEntriesOf(first, count)}
}

func TestFeedEntriesComeBackInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open(t, path)
	ctx := context.Background()
	progress, err := x.FeedProgress(ctx)
	require.NoError(t, err)
	require.Zero(t, progress)

	block := FeedBlock{Progress: FeedProgress{Height: 7, Minute: feedMinute}, Added: []FeedEntries{
		added(0, 3), {Feed: "urls", Minute: feedMinute, Entries: feedEntriesOf(100, 1)},
	}}
	for range 2 { // a block that is handed over again changes nothing
		require.NoError(t, x.AddFeedBlock(ctx, block))
	}
	require.NoError(t, x.AddFeedBlock(ctx, FeedBlock{Progress: FeedProgress{Height: 8, Minute: feedMinute}, Added: []FeedEntries{added(3, 2)}}))
	require.NoError(t, x.Close())

	x = open(t, path)
	entries, err := x.FeedEntries(ctx, "files", feedMinute, 0, 10)
	require.NoError(t, err)
	require.Equal(t, append(feedEntriesOf(0, 3), feedEntriesOf(3, 2)...), entries)
	entries, err = x.FeedEntries(ctx, "files", feedMinute, 2, 2)
	require.NoError(t, err)
	require.Equal(t, append(feedEntriesOf(0, 3)[2:], feedEntriesOf(3, 1)...), entries)
	entries, err = x.FeedEntries(ctx, "files", feedMinute+1, 0, 10)
	require.NoError(t, err)
	require.Empty(t, entries)
	progress, err = x.FeedProgress(ctx)
	require.NoError(t, err)
	require.Equal(t, FeedProgress{Height: 8, Minute: feedMinute}, progress)
}

func TestFeedEntriesEndBeforeOneThatIsMissing(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	require.NoError(t, x.AddFeedBlock(ctx, FeedBlock{Added: []FeedEntries{added(0, 2), added(3, 2)}}))
	entries, err := x.FeedEntries(ctx, "files", feedMinute, 0, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
}

func TestBlockWithBadEntryStoresNothing(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	bad := added(0, 2)
	bad.Entries[1].Sha256 = []byte("short")
	require.Error(t, x.AddFeedBlock(ctx, FeedBlock{Progress: FeedProgress{Height: 9}, Added: []FeedEntries{bad}}))
	entries, err := x.FeedEntries(ctx, "files", feedMinute, 0, 10)
	require.NoError(t, err)
	require.Empty(t, entries)
	progress, err := x.FeedProgress(ctx)
	require.NoError(t, err)
	require.Zero(t, progress)
}

func TestFeedsAreDropped(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	require.NoError(t, x.AddFeedBlock(ctx, FeedBlock{Gap: true, GapFrom: feedMinute - 2, Progress: FeedProgress{Height: 1, Minute: feedMinute}, Added: []FeedEntries{added(0, 2)}}))
	for minute, gap := range map[int64]bool{feedMinute - 3: false, feedMinute - 2: true, feedMinute: true, feedMinute + 1: false} {
		got, err := x.FeedGap(ctx, minute)
		require.NoError(t, err)
		require.Equal(t, gap, got, minute)
	}
	require.NoError(t, x.DropFeeds(ctx, feedMinute))
	entries, err := x.FeedEntries(ctx, "files", feedMinute, 0, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)

	require.NoError(t, x.DropFeeds(ctx, feedMinute+1))
	entries, err = x.FeedEntries(ctx, "files", feedMinute, 0, 10)
	require.NoError(t, err)
	require.Empty(t, entries)
	gap, err := x.FeedGap(ctx, feedMinute)
	require.NoError(t, err)
	require.False(t, gap)
}
