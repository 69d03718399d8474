package feeds

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func TestPackageHasWhatTheChainRecorded(t *testing.T) {
	n := startNode(t, nil)
	n.chain.Block(at(0, 1), "files", entries(0, 3)...)
	n.chain.Block(at(0, 2), "urls", entries(100, 1)...)
	n.chain.Block(at(0, 3), "files", entries(3, 600)...)
	n.chain.Block(at(2, 0), "")
	n.run()
	n.follows(2)
	got, err := n.pack(0)
	require.NoError(t, err)
	require.Len(t, got, 603)
	for i, line := range got {
		require.Equal(t, fmt.Sprintf(`{"position":%d,"round":%d}`, i, i), line)
	}
	_, err = n.pack(1)
	require.ErrorIs(t, err, ErrNoPackage, "nothing was judged in that minute")
}

// TestFollowingResumes stops anywhere and starts again: nothing is twice and nothing is lost.
func TestFollowingResumes(t *testing.T) {
	n := startNode(t, nil)
	for second := range 20 {
		n.chain.Block(at(0, second), "files", entries(10*second, 10)...)
		if second%6 == 5 {
			n.run()
			require.Eventually(t, func() bool {
				progress, err := n.index.FeedProgress(context.Background())
				return err == nil && progress.Height > int64(second)-3
			}, 20*time.Second, time.Millisecond)
			n.stop()
			require.NoError(t, n.index.Close())
			n.open(nil)
		}
	}
	n.chain.Block(at(1, 0), "")
	n.run()
	n.follows(1)
	got, err := n.pack(0)
	require.NoError(t, err)
	require.Len(t, got, 200)
}

// TestBlockIsHandledAgain is a crash between a block's entries and whatever comes after.
func TestBlockIsHandledAgain(t *testing.T) {
	n := startNode(t, nil)
	n.chain.Block(at(0, 1), "files", entries(0, 3)...)
	n.chain.Block(at(0, 2), "files", entries(3, 2)...)
	n.chain.Block(at(1, 0), "")
	for range 3 {
		require.Error(t, n.chain.Follow(context.Background(), 1, crashAfter(2, (&follower{Feeds: n.Feeds}).handle)))
	}
	n.run()
	n.follows(1)
	got, err := n.pack(0)
	require.NoError(t, err)
	require.Len(t, got, 5)
}

func TestGapIsToldAndNeverServedShort(t *testing.T) {
	n := startNode(t, nil)
	n.chain.Block(at(0, 1), "files", entries(0, 3)...)
	n.chain.Block(at(1, 0), "")
	n.run()
	n.follows(1)
	n.stop()

	n.chain.Block(at(1, 5), "files", entries(10, 2)...) // never seen
	n.chain.Block(at(3, 0), "files", entries(20, 2)...) // never seen
	n.chain.Block(at(3, 1), "files", entries(22, 2)...)
	n.chain.Block(at(4, 0), "files", entries(30, 1)...)
	n.chain.Block(at(5, 0), "")
	n.chain.Prune(5)
	n.run()
	n.follows(5)
	for minute, want := range map[int]error{0: nil, 1: ErrIncomplete, 2: ErrNoPackage, 3: ErrIncomplete, 4: nil} {
		_, err := n.pack(minute)
		require.ErrorIs(t, err, want, minute)
		if want == ErrIncomplete {
			require.ErrorContains(t, err, "did not see every block")
		}
	}
	_, err := n.HourRecords(context.Background(), "files", minuteAt(0))
	require.ErrorIs(t, err, ErrTooEarly)
	n.chain.Block(at(61, 0), "")
	n.clock.set(at(70, 0))
	n.follows(61)
	records, err := n.HourRecords(context.Background(), "files", minuteAt(0))
	require.NoError(t, err)
	_, err = n.HourFile(context.Background(), records, lineOf)
	require.ErrorIs(t, err, ErrIncomplete)
}

// TestFirstRunBeginsWithWhatIsNotTooOld reads back as far as packages are kept.
func TestFirstRunBeginsWithWhatIsNotTooOld(t *testing.T) {
	n := startNode(t, func(cfg *Config) { cfg.RetentionDays = 1 })
	for hour := range 48 {
		n.chain.Block(at(60*hour, 0), "files", entries(hour, 1)...)
	}
	n.chain.Block(at(48*60, 0), "")
	n.clock.set(at(48*60+30, 0))
	n.run()
	n.follows(48 * 60)
	_, err := n.pack(47 * 60)
	require.NoError(t, err)
	_, err = n.pack(26 * 60)
	require.NoError(t, err)
	_, err = n.pack(24 * 60)
	require.ErrorIs(t, err, ErrNoPackage, "too old")
	kept, err := n.index.FeedEntries(context.Background(), "files", minuteAt(23*60), 0, 1)
	require.NoError(t, err)
	require.Empty(t, kept, "older blocks were not read")
}

func TestNodeThatIsAwayIsWaitedFor(t *testing.T) {
	n := startNode(t, nil)
	n.chain.Block(at(0, 0), "files", entries(0, 1)...)
	n.chain.Block(at(1, 0), "")
	n.chain.SetAway(true)
	n.run()
	n.chain.SetAway(false)
	n.follows(1)
	_, err := n.pack(0)
	require.NoError(t, err)
}

func TestOldMinutesAreDropped(t *testing.T) {
	n := startNode(t, func(cfg *Config) { cfg.RetentionDays = 1 })
	n.chain.Block(at(0, 0), "files", entries(0, 1)...)
	n.chain.Block(at(1, 0), "files", entries(1, 1)...)
	n.chain.Block(at(2, 0), "")
	n.run()
	n.follows(2)
	n.clock.set(at(24*60+1, 0))
	n.chain.Block(at(24*60+1, 0), "")
	n.follows(24*60 + 1)
	require.Eventually(t, func() bool {
		kept, err := n.index.FeedEntries(context.Background(), "files", minuteAt(0), 0, 1)
		return err == nil && len(kept) == 0
	}, 20*time.Second, 5*time.Millisecond)
	_, err := n.pack(0)
	require.ErrorIs(t, err, ErrNoPackage)
	_, err = n.pack(1)
	require.NoError(t, err)
}

// TestEventsThatAreNotTheChains come from a node that is not honest.
func TestEventsThatAreNotTheChains(t *testing.T) {
	for name, event := range map[string]*markettypes.EventFeedEntries{
		"unknown feed": {Feed: "other", Minute: minuteAt(0), First: 2, Entries: entries(2, 1)},
		"short hash":   {Feed: "files", Minute: minuteAt(0), First: 2, Entries: []markettypes.FeedEntry{{Sha256: []byte{1}}}},
		"huge first":   {Feed: "files", Minute: minuteAt(0), First: 1 << 63, Entries: entries(2, 1)},
		"negative":     {Feed: "files", Minute: -1, First: 2, Entries: entries(2, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			n.chain.Block(at(0, 0), "files", entries(0, 2)...)
			n.chain.Emit(event)
			n.chain.Block(at(1, 0), "")
			n.run()
			n.follows(1)
			got, err := n.pack(0)
			require.NoError(t, err)
			require.Len(t, got, 2)
		})
	}
	t.Run("entry that was not recorded", func(t *testing.T) {
		n := startNode(t, nil)
		n.chain.Block(at(0, 0), "files", entries(0, 2)...)
		n.chain.Emit(&markettypes.EventFeedEntries{Feed: "files", Minute: minuteAt(0), First: 2, Entries: entries(2, 1)})
		n.chain.Block(at(1, 0), "")
		n.run()
		n.follows(1)
		_, err := n.pack(0)
		require.ErrorIs(t, err, ErrIncomplete)
		require.ErrorContains(t, err, "other entries than the chain recorded")
	})
}
