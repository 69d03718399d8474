package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxEntriesPerEvent bounds an event; a round has up to 4096 members.
const maxEntriesPerEvent = 500

// addToFeeds adds a line for each member that was judged to the feed of its kind.
func (k *Keeper) addToFeeds(ctx context.Context, j verdictstypes.Judgement) error {
	entries := make(map[string][]types.FeedEntry, len(types.Feeds())) // only looked up
	for _, sha256 := range j.Members {
		feed, err := k.feedOf(ctx, sha256)
		if err != nil {
			return err
		}
		if feed == "" {
			continue
		}
		outcome, err := k.verdicts.Outcome(ctx, sha256, j.Judge.Number)
		if err != nil {
			return err
		}
		if outcome == verdictstypes.OUTCOME_UNSPECIFIED {
			continue // the judge did not get to see it
		}
		entries[feed] = append(entries[feed], types.FeedEntry{
			Sha256: sha256, Round: j.Judge.Number, Outcome: uint32(outcome), Stage: j.Stage,
		})
	}
	for _, feed := range types.Feeds() {
		if err := k.appendToFeed(ctx, feed, entries[feed]); err != nil {
			return err
		}
	}
	return nil
}

// feedOf names the feed of a sample; empty when it is gone, invalid or taken down.
func (k *Keeper) feedOf(ctx context.Context, sha256 []byte) (string, error) {
	sample, err := k.samples.Get(ctx, sha256)
	if samplestypes.ErrNotFound.Is(err) {
		return "", nil
	}
	if err != nil || sample.Status == samplestypes.STATUS_INVALID || sample.Status == samplestypes.STATUS_BLOCKED {
		return "", err
	}
	return types.FeedOf(sample.Kind), nil
}

// appendToFeed adds lines to the package of the current minute.
func (k *Keeper) appendToFeed(ctx context.Context, feed string, entries []types.FeedEntry) error {
	if len(entries) == 0 {
		return nil
	}
	head, err := k.feedHead(ctx, feed)
	if err != nil {
		return err
	}
	first := head.Count
	if err := head.Append(entries...); err != nil {
		return err
	}
	if err := k.FeedHeads.Set(ctx, feed, head); err != nil {
		return err
	}
	for part := range slices.Chunk(entries, maxEntriesPerEvent) {
		err := emit(ctx, &types.EventFeedEntries{Feed: feed, Minute: head.Minute, First: first, Entries: part})
		if err != nil {
			return err
		}
		first += uint64(len(part))
	}
	return nil
}

// feedHead is the head of the current minute. One of an earlier minute is packaged first.
func (k *Keeper) feedHead(ctx context.Context, feed string) (types.FeedHead, error) {
	fresh := types.FeedHead{Feed: feed, Minute: minute(ctx)}
	head, err := k.FeedHeads.Get(ctx, feed)
	switch {
	case errors.Is(err, collections.ErrNotFound):
		return fresh, nil
	case err != nil || head.Minute >= fresh.Minute:
		return head, err
	}
	return fresh, k.packageFeed(ctx, head)
}

// packageFeeds records the packages whose minute is over. There is a head for each feed at
// most. One that fails is tried again in the next block.
func (k *Keeper) packageFeeds(ctx context.Context) error {
	var over []types.FeedHead
	err := k.FeedHeads.Walk(ctx, nil, func(_ string, head types.FeedHead) (bool, error) {
		if head.Minute < minute(ctx) {
			over = append(over, head)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, head := range over {
		// Isolate logs what fails.
		_ = endblock.Isolate(ctx, fmt.Sprintf("package %d of feed %s", head.Minute, head.Feed), func(ctx context.Context) error {
			return k.packageFeed(ctx, head)
		})
	}
	return nil
}

// packageFeed turns a head into the record of its minute.
func (k *Keeper) packageFeed(ctx context.Context, head types.FeedHead) error {
	packaged, err := head.Package()
	if err != nil {
		return err
	}
	if err := k.FeedPackages.Set(ctx, collections.Join(head.Minute, head.Feed), packaged); err != nil {
		return err
	}
	if err := k.FeedHeads.Remove(ctx, head.Feed); err != nil {
		return err
	}
	return emit(ctx, &types.EventFeedPackaged{
		Feed: packaged.Feed, Minute: packaged.Minute, Count: packaged.Count, Root: packaged.Root,
	})
}

// pruneFeeds drops packages whose minute ended feed_retention_seconds ago, at most
// max_prunes_per_block.
func (k *Keeper) pruneFeeds(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	oldest := sdk.UnwrapSDKContext(ctx).BlockTime().Unix() - int64(params.FeedRetentionSeconds)
	expired := collections.NewPrefixUntilPairRange[int64, string](oldest/types.SecondsPerMinute - 1)
	var keys []packageKey
	err = k.FeedPackages.Walk(ctx, expired, func(key packageKey, _ types.FeedPackage) (bool, error) {
		keys = append(keys, key)
		return len(keys) >= int(params.MaxPrunesPerBlock), nil
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := k.FeedPackages.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// minute is the one of the block's time.
func minute(ctx context.Context) int64 {
	return sdk.UnwrapSDKContext(ctx).BlockTime().Unix() / types.SecondsPerMinute
}
