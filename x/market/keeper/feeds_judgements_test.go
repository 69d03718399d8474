package keeper_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// judgedSamples writes samples with outcomes of round 7 as x/samples and x/verdicts leave
// them, and returns their hashes in ascending order.
func (c *feedChain) judgedSamples(ctx sdk.Context, n int) [][]byte {
	c.t.Helper()
	var hashes [][]byte
	for i := range n {
		hash := sha256.Sum256(fmt.Append(nil, "judged", i))
		hashes = append(hashes, hash[:])
	}
	slices.SortFunc(hashes, bytes.Compare)
	for _, hash := range hashes {
		sample := samplestypes.Sample{Kind: samplestypes.KIND_FILE, Status: samplestypes.STATUS_FINAL}
		require.NoError(c.t, c.App.SamplesKeeper.Samples.Set(ctx, hash, sample))
		require.NoError(c.t, c.App.VerdictsKeeper.History.Set(ctx, collections.Join(hash, uint64(7)), isMalicious))
	}
	return hashes
}

func judgementOf(hashes [][]byte) verdictstypes.Judgement {
	return verdictstypes.Judgement{
		Source: verdictstypes.Round{Number: 3}, Judge: verdictstypes.Round{Number: 7}, Stage: 1,
		Members: hashes, Truths: make([]verdictstypes.Outcome, len(hashes)),
	}
}

// A whole round is told in several events that follow each other without a gap.
func TestLargeJudgementsAreToldInParts(t *testing.T) {
	c := newFeedChain(t)
	ctx := c.Context().WithEventManager(sdk.NewEventManager())
	hashes := c.judgedSamples(ctx, 1_101)
	require.NoError(t, c.App.MarketKeeper.VerdictsHooks().AfterResolved(ctx, judgementOf(hashes[:1])))
	require.NoError(t, c.App.MarketKeeper.VerdictsHooks().AfterResolved(ctx, judgementOf(hashes[1:])))
	var lines []types.FeedEntry
	var sizes []int
	for _, event := range blockEvents[*types.EventFeedEntries](t, ctx.EventManager().ABCIEvents()) {
		require.EqualValues(t, len(lines), event.First)
		sizes = append(sizes, len(event.Entries))
		lines = append(lines, event.Entries...)
	}
	require.Equal(t, []int{1, 500, 500, 100}, sizes)
	for i, line := range lines {
		require.Equal(t, types.FeedEntry{Sha256: hashes[i], Round: 7, Outcome: isMalicious, Stage: 1}, line)
	}
	head, err := c.App.MarketKeeper.FeedHeads.Get(ctx, types.FeedFiles)
	require.NoError(t, err)
	got, err := head.Package()
	require.NoError(t, err)
	want, err := types.PackageOf(types.FeedFiles, c.Time.Unix()/60, lines)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// A judgement that comes before the head of an earlier minute was packaged ends that first.
func TestEarlierMinuteEndsBeforeTheNextBegins(t *testing.T) {
	c := newFeedChain(t)
	ctx, hooks := c.Context(), c.App.MarketKeeper.VerdictsHooks()
	hashes := c.judgedSamples(ctx, 3)
	require.NoError(t, hooks.AfterResolved(ctx, judgementOf(hashes[:2])))
	next := ctx.WithBlockTime(c.Time.Add(time.Minute)).WithEventManager(sdk.NewEventManager())
	require.NoError(t, hooks.AfterResolved(next, judgementOf(hashes[2:])))
	packaged := blockEvents[*types.EventFeedPackaged](t, next.EventManager().ABCIEvents())
	require.Len(t, packaged, 1)
	require.EqualValues(t, 2, packaged[0].Count)
	head, err := c.App.MarketKeeper.FeedHeads.Get(next, types.FeedFiles)
	require.NoError(t, err)
	require.EqualValues(t, 1, head.Count)
	require.Equal(t, packaged[0].Minute+1, head.Minute)
	require.NoError(t, c.App.MarketKeeper.FeedsInvariant(next))
}

func becomes(change func(*samplestypes.Sample)) func(*feedChain, sdk.Context, []byte) error {
	return func(c *feedChain, ctx sdk.Context, hash []byte) error {
		sample, err := c.App.SamplesKeeper.Get(ctx, hash)
		if err != nil {
			return err
		}
		change(&sample)
		return c.App.SamplesKeeper.Samples.Set(ctx, hash, sample)
	}
}

func TestWhatIsInNoFeed(t *testing.T) {
	c := newFeedChain(t)
	for name, leave := range map[string]func(c *feedChain, ctx sdk.Context, hash []byte) error{
		"gone": func(c *feedChain, ctx sdk.Context, hash []byte) error {
			return c.App.SamplesKeeper.Samples.Remove(ctx, hash)
		},
		"invalid":    becomes(func(sample *samplestypes.Sample) { sample.Status = samplestypes.STATUS_INVALID }),
		"taken down": becomes(func(sample *samplestypes.Sample) { sample.Status = samplestypes.STATUS_BLOCKED }),
		"of no kind": becomes(func(sample *samplestypes.Sample) { sample.Kind = samplestypes.KIND_UNSPECIFIED }),
		"not judged": func(c *feedChain, ctx sdk.Context, hash []byte) error {
			return c.App.VerdictsKeeper.History.Remove(ctx, collections.Join(hash, uint64(7)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := c.Context()
			hashes := c.judgedSamples(ctx, 3)
			require.NoError(t, leave(c, ctx, hashes[1]))
			ctx = ctx.WithEventManager(sdk.NewEventManager())
			require.NoError(t, c.App.MarketKeeper.VerdictsHooks().AfterResolved(ctx, judgementOf(hashes)))
			events := blockEvents[*types.EventFeedEntries](t, ctx.EventManager().ABCIEvents())
			require.Len(t, events, 1)
			require.Len(t, events[0].Entries, 2)
			require.Equal(t, hashes[0], events[0].Entries[0].Sha256)
			require.Equal(t, hashes[2], events[0].Entries[1].Sha256)
		})
	}
}
