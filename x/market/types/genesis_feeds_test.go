package types_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/market/types"
)

// feedsGenesis has two heads and three packages.
func feedsGenesis(t *testing.T) *types.GenesisState {
	t.Helper()
	gs := types.DefaultGenesis()
	for _, feed := range []string{types.FeedFiles, types.FeedURLs} {
		head := types.FeedHead{Feed: feed, Minute: 9}
		require.NoError(t, head.Append(feedLines(5)...))
		gs.FeedHeads = append(gs.FeedHeads, head)
	}
	for _, key := range []struct {
		minute int64
		feed   string
	}{{7, types.FeedFiles}, {7, types.FeedIntel}, {8, types.FeedFiles}} {
		packaged, err := types.PackageOf(key.feed, key.minute, feedLines(3))
		require.NoError(t, err)
		gs.FeedPackages = append(gs.FeedPackages, packaged)
	}
	require.NoError(t, gs.Validate())
	return gs
}

func TestBadFeedsAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(*types.GenesisState)
		want   string
	}{
		"head of no feed":      {func(gs *types.GenesisState) { gs.FeedHeads[0].Feed = "emails" }, "feed_heads[0]: feed \"emails\""},
		"heads in no order":    {func(gs *types.GenesisState) { gs.FeedHeads[1] = gs.FeedHeads[0] }, "feed_heads[1]"},
		"empty head":           {func(gs *types.GenesisState) { gs.FeedHeads[0].Count, gs.FeedHeads[0].Peaks = 0, nil }, "count: 0"},
		"head before time":     {func(gs *types.GenesisState) { gs.FeedHeads[0].Minute = -1 }, "minute: -1"},
		"too few peaks":        {func(gs *types.GenesisState) { gs.FeedHeads[1].Peaks = gs.FeedHeads[1].Peaks[:1] }, "feed_heads[1]: peaks: 1, want 2"},
		"short peak":           {func(gs *types.GenesisState) { gs.FeedHeads[1].Peaks[1] = []byte{1} }, "peaks[1]: 1 bytes"},
		"package of no feed":   {func(gs *types.GenesisState) { gs.FeedPackages[0].Feed = "" }, "feed_packages[0]"},
		"packages in no order": {func(gs *types.GenesisState) { gs.FeedPackages[2].Minute = 7 }, "feed_packages[2]"},
		"empty package":        {func(gs *types.GenesisState) { gs.FeedPackages[1].Count = 0 }, "feed_packages[1]: count: 0"},
		"short root":           {func(gs *types.GenesisState) { gs.FeedPackages[1].Root = bytes.Repeat([]byte{1}, 31) }, "root: 31 bytes"},
		"package before time":  {func(gs *types.GenesisState) { gs.FeedPackages[0].Minute = -1 }, "minute: -1"},
		"package of a minute that grows": {func(gs *types.GenesisState) {
			gs.FeedPackages[2].Minute = 9
		}, "feed_packages[2]: minute 9 of \"files\", but that of 9 still grows"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := feedsGenesis(t)
			test.damage(gs)
			err := gs.Validate()
			require.ErrorIs(t, err, types.ErrInvalidGenesis)
			require.ErrorContains(t, err, test.want)
		})
	}
}
