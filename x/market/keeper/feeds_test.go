package keeper_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	isMalicious  = uint32(verdictstypes.OUTCOME_MALICIOUS)
	isClean      = uint32(verdictstypes.OUTCOME_CLEAN)
	isSuspicious = uint32(verdictstypes.OUTCOME_SUSPICIOUS)
)

// Samples of three kinds are judged three times; each judgement is a line of the feed of
// their kind, and what the chain records is what the lines make.
func TestFeedsOfThreeKindsThroughAllStages(t *testing.T) {
	c := newFeedChain(t)
	c.toMinute()
	first := c.submit(samplestypes.KIND_FILE, "a", "b", "c", "junk")
	urls := c.submit(samplestypes.KIND_URL, "https://one.example", "https://two.example")
	junk := first[3]
	say := func(decisive verdictstypes.Category) func(hash []byte) verdictstypes.Category {
		return func(hash []byte) verdictstypes.Category {
			if bytes.Equal(hash, junk) {
				return verdictstypes.CATEGORY_UNDECRYPTABLE
			}
			return decisive
		}
	}
	c.judge(say(verdictstypes.CATEGORY_MALICIOUS))
	later := c.submit(samplestypes.KIND_FILE, "d")
	intel := c.submit(samplestypes.KIND_INTEL, "{}")
	c.judge(say(verdictstypes.CATEGORY_UNDETECTED))

	start := c.Time.Unix() / 60
	require.Len(t, c.lines[feedMinute{types.FeedFiles, start}], 4, "two rounds in a minute make one package")
	require.Len(t, c.lines[feedMinute{types.FeedURLs, start}], 2)
	require.Len(t, c.lines[feedMinute{types.FeedIntel, start}], 1)
	require.Empty(t, c.packaged)
	c.toMinute()
	require.Len(t, c.packaged, 3)
	c.requirePackages()

	// One is taken down before it is judged again, and a quiet minute passes.
	account := c.Genesis.Accounts[0]
	c.block(time.Second, c.Sign(account, &samplestypes.MsgBlockSample{Authority: account.Address.String(), Sha256: first[0], Reason: "court order"}))
	c.toMinute()
	c.block(secondStage * time.Second)
	c.judge(say(verdictstypes.CATEGORY_UNDETECTED))
	c.block(lastStage * time.Second)
	c.judge(say(verdictstypes.CATEGORY_SUSPICIOUS))
	c.toMinute()
	c.requirePackages()

	require.Empty(t, c.told(junk), "what does not open is in no feed")
	require.Len(t, c.told(first[0]), 1, "what was taken down is in none any more")
	for _, sample := range slices.Concat(first[1:3], urls, later, intel) {
		told := c.told(sample)
		require.Len(t, told, 3)
		outcomes, err := c.App.VerdictsKeeper.Outcomes(c.Context(), sample)
		require.NoError(t, err)
		for stage, entry := range outcomes {
			require.Equal(t, types.FeedEntry{
				Sha256: sample, Round: entry.Round, Outcome: uint32(entry.Outcome), Stage: uint32(stage),
			}, told[uint32(stage)])
		}
	}
	require.Equal(t, isMalicious, c.told(first[1])[0].Outcome)
	require.Equal(t, isClean, c.told(first[1])[1].Outcome)
	require.Equal(t, isSuspicious, c.told(first[1])[2].Outcome, "the round's own word, not the truth it stands for")
	c.RequireRoundTrip()
}

// A chain that goes on elsewhere in the middle of a minute records the same.
func TestFeedsMoveInTheMiddleOfAMinute(t *testing.T) {
	c := newFeedChain(t)
	c.toMinute()
	c.submit(samplestypes.KIND_FILE, "a", "b", "c")
	c.judge(allSay(verdictstypes.CATEGORY_MALICIOUS))
	c.RequireRoundTrip()
	moved := c.clone(c.Move(nil))
	moved.block(time.Second)
	c.block(time.Second)
	c.Reopen()
	for _, chain := range []*feedChain{c, moved} {
		chain.submit(samplestypes.KIND_FILE, "d", "e")
		chain.judge(allSay(verdictstypes.CATEGORY_UNDETECTED))
		require.Len(t, chain.lines, 1, "all in one minute")
		chain.toMinute()
		chain.requirePackages()
		require.Len(t, chain.recorded(), 1)
		require.EqualValues(t, 5, chain.recorded()[0].Count)
	}
	require.Equal(t, c.recorded(), moved.recorded())
}

// A clock that was turned back would write minutes anew that are on record.
func TestFeedsOfTheFutureAreRefused(t *testing.T) {
	c := newFeedChain(t)
	c.submit(samplestypes.KIND_FILE, "a")
	c.judge(allSay(verdictstypes.CATEGORY_MALICIOUS))
	market := c.App.MarketKeeper
	growing, err := market.ExportGenesis(c.Context())
	require.NoError(t, err)
	require.Len(t, growing.FeedHeads, 1)
	c.toMinute()
	over, err := market.ExportGenesis(c.Context())
	require.NoError(t, err)
	require.Len(t, over.FeedPackages, 1)

	early := c.Context().WithBlockTime(c.Time.Add(-2 * time.Minute))
	require.ErrorIs(t, market.InitGenesis(early, *growing), types.ErrInvalidGenesis)
	require.ErrorIs(t, market.InitGenesis(early, *over), types.ErrInvalidGenesis)
	require.NoError(t, market.InitGenesis(c.Context(), *over))
}

func TestOldPackagesArePruned(t *testing.T) {
	c := newFeedChain(t)
	c.toMinute()
	start := c.Time.Unix() / 60
	ctx := c.App.CommitContext()
	for i := range int64(5) { // as if these minutes had had lines
		packaged, err := types.PackageOf(types.FeedURLs, start-5+i, []types.FeedEntry{{Sha256: make([]byte, 32)}})
		require.NoError(t, err)
		require.NoError(t, c.App.MarketKeeper.FeedPackages.Set(ctx, collections.Join(packaged.Minute, packaged.Feed), packaged))
	}
	c.block(time.Second)
	require.Len(t, c.recorded(), 5)

	c.block(time.Unix((start-4)*60+600-1, 0).Sub(c.Time))
	require.Len(t, c.recorded(), 5, "the first is kept for its whole time")
	c.block(time.Second)
	require.Len(t, c.recorded(), 4)
	require.Equal(t, start-4, c.recorded()[0].Minute)
	c.block(time.Hour)
	require.Len(t, c.recorded(), 2, "two go in each block")
	c.block(time.Second)
	require.Empty(t, c.recorded())
}

func TestFeedQueries(t *testing.T) {
	c := newFeedChain(t)
	ctx, queries := c.Context(), keeper.NewQueryServer(c.App.MarketKeeper)
	var files []types.FeedPackage
	for _, minute := range []int64{100, 101, 103, 104} {
		for _, feed := range types.Feeds() {
			packaged, err := types.PackageOf(feed, minute, []types.FeedEntry{{Sha256: make([]byte, 32), Round: uint64(minute)}})
			require.NoError(t, err)
			require.NoError(t, c.App.MarketKeeper.FeedPackages.Set(ctx, collections.Join(minute, feed), packaged))
			if feed == types.FeedFiles {
				files = append(files, packaged)
			}
		}
	}
	one, err := queries.FeedPackage(ctx, &types.QueryFeedPackageRequest{Feed: types.FeedFiles, Minute: 101})
	require.NoError(t, err)
	require.Equal(t, files[1], one.Package)
	some, err := queries.FeedPackages(ctx, &types.QueryFeedPackagesRequest{Feed: types.FeedFiles, From: 101, To: 103})
	require.NoError(t, err)
	require.Equal(t, files[1:3], some.Packages)
	all, err := queries.FeedPackages(ctx, &types.QueryFeedPackagesRequest{Feed: types.FeedFiles, To: 1440})
	require.NoError(t, err)
	require.Equal(t, files, all.Packages)

	_, err = queries.FeedPackage(ctx, &types.QueryFeedPackageRequest{Feed: types.FeedFiles, Minute: 102})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = queries.FeedPackage(ctx, &types.QueryFeedPackageRequest{Feed: "emails", Minute: 101})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	for name, bad := range map[string]*types.QueryFeedPackagesRequest{
		"no feed":     {From: 1, To: 2},
		"backwards":   {Feed: types.FeedFiles, From: 2, To: 1},
		"negative":    {Feed: types.FeedFiles, From: -1, To: 1},
		"too far":     {Feed: types.FeedFiles, From: 1, To: 1442},
		"far too far": {Feed: types.FeedFiles, From: 0, To: 1<<63 - 1},
	} {
		_, err = queries.FeedPackages(ctx, bad)
		require.Equal(t, codes.InvalidArgument, status.Code(err), name)
	}
}

// Every rule of the invariant sees its damage.
func TestFeedsInvariantSeesDamage(t *testing.T) {
	c := newFeedChain(t)
	c.toMinute()
	c.submit(samplestypes.KIND_FILE, "a")
	c.judge(allSay(verdictstypes.CATEGORY_MALICIOUS))
	market := c.App.MarketKeeper
	head, err := market.FeedHeads.Get(c.Context(), types.FeedFiles)
	require.NoError(t, err)
	packaged, err := head.Package()
	require.NoError(t, err)
	for name, damage := range map[string]func(ctx sdk.Context) error{
		"head of another feed": func(ctx sdk.Context) error { return market.FeedHeads.Set(ctx, types.FeedURLs, head) },
		"head without its peak": func(ctx sdk.Context) error {
			return market.FeedHeads.Set(ctx, types.FeedFiles, types.FeedHead{Feed: types.FeedFiles, Minute: head.Minute, Count: 1})
		},
		"package of a minute that grows": func(ctx sdk.Context) error {
			return market.FeedPackages.Set(ctx, collections.Join(head.Minute, types.FeedFiles), packaged)
		},
		"package under another key": func(ctx sdk.Context) error {
			return market.FeedPackages.Set(ctx, collections.Join(head.Minute-1, types.FeedFiles), packaged)
		},
		"package of nothing": func(ctx sdk.Context) error {
			return market.FeedPackages.Set(ctx, collections.Join(head.Minute-1, types.FeedFiles),
				types.FeedPackage{Feed: types.FeedFiles, Minute: head.Minute - 1, Root: packaged.Root})
		},
	} {
		ctx := c.Context()
		require.NoError(t, market.FeedsInvariant(ctx))
		require.NoError(t, damage(ctx))
		require.ErrorIs(t, market.FeedsInvariant(ctx), types.ErrInvariant, name)
	}
}
