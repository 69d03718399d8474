package feeds

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// maxPosition bounds what is believed of a node about the size of a package.
const maxPosition = 1 << 32

// nodeWait is how long to wait for a node that is away.
const nodeWait = time.Second

// Run follows the chain from where it was left until ctx ends, and drops what is too old. At
// first it begins with the oldest blocks that are there and not too old.
func (f *Feeds) Run(ctx context.Context) error {
	for {
		follower, from, err := f.resume(ctx)
		if err == nil {
			err = f.deps.Chain.Follow(ctx, from, follower.handle)
		}
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, chain.ErrPruned) {
			return fmt.Errorf("feeds: %w", err)
		}
		f.log.Warn("the node has pruned blocks that were not followed yet", "error", err)
	}
}

// follower is one run over blocks.
type follower struct {
	*Feeds
	// stored is how far the index is.
	stored index.FeedProgress
	// gap tells that blocks are missing between stored and the next one.
	gap bool
}

// resume tells from which block on to follow: the next one, or the first that is still
// there and not too old.
func (f *Feeds) resume(ctx context.Context) (*follower, int64, error) {
	stored, err := f.deps.Index.FeedProgress(ctx)
	if err != nil {
		return nil, 0, err
	}
	status, err := f.awaitNode(ctx)
	if err != nil {
		return nil, 0, err
	}
	first, next := max(status.EarliestHeight, 1), stored.Height+1
	if next >= first && stored.Minute >= f.oldest() {
		return &follower{Feeds: f, stored: stored}, next, nil
	}
	from, err := f.firstKept(ctx, first, status.Height)
	if err != nil {
		return nil, 0, err
	}
	from = max(from, next)
	run := &follower{Feeds: f, stored: stored, gap: from > next}
	if run.gap {
		f.log.Warn("feeds are incomplete, as blocks are gone or too old", "from_height", next, "until_height", from-1)
	}
	return run, from, nil
}

// awaitNode waits for the node as long as it is away, as Follow does.
func (f *Feeds) awaitNode(ctx context.Context) (chain.Status, error) {
	for {
		status, err := f.deps.Chain.Status(ctx)
		if err == nil || ctx.Err() != nil || errors.Is(err, chain.ErrWrongChain) {
			return status, err
		}
		f.log.Warn("the node is away", "error", err, "retry_in", nodeWait)
		select {
		case <-ctx.Done():
		case <-time.After(nodeWait):
		}
	}
}

// firstKept is the first block from low to high that is not too old, high when all are.
func (f *Feeds) firstKept(ctx context.Context, low, high int64) (int64, error) {
	if high <= low {
		return low, nil
	}
	var failed error
	steps := sort.Search(int(high-low), func(i int) bool {
		if failed != nil {
			return true
		}
		minute, err := f.minuteOf(ctx, low+int64(i))
		failed = err
		return err != nil || minute >= f.oldest()
	})
	return low + int64(steps), failed
}

var errSeen = errors.New("block is seen")

func (f *Feeds) minuteOf(ctx context.Context, height int64) (minute int64, err error) {
	err = f.deps.Chain.Follow(ctx, height, func(_ context.Context, block chain.Block) error {
		minute = Minute(block.Time)
		return errSeen
	})
	if !errors.Is(err, errSeen) {
		return 0, err
	}
	return minute, nil
}

// handle stores what a block adds. The progress of blocks that add nothing is stored once a
// minute: to look at them again is harmless.
func (f *follower) handle(ctx context.Context, block chain.Block) error {
	add := index.FeedBlock{
		Progress: index.FeedProgress{Height: block.Height, Minute: Minute(block.Time)},
		Gap:      f.gap, GapFrom: f.stored.Minute,
	}
	err := block.Each(func(event proto.Message) error {
		if entries, ok := event.(*markettypes.EventFeedEntries); ok {
			f.take(&add, entries)
		}
		return nil
	})
	if err != nil {
		return err
	}
	newMinute := add.Progress.Minute != f.stored.Minute
	if newMinute || f.gap || len(add.Added) > 0 {
		if err := f.deps.Index.AddFeedBlock(ctx, add); err != nil {
			return err
		}
		f.stored, f.gap = add.Progress, false
	}
	f.head.Store(add.Progress.Minute)
	if newMinute {
		return f.deps.Index.DropFeeds(ctx, f.oldest())
	}
	return nil
}

// take leaves out what the chain never says; the package then does not have the root that
// the chain recorded.
func (f *follower) take(add *index.FeedBlock, event *markettypes.EventFeedEntries) {
	err := markettypes.ValidateFeed(event.Feed)
	if event.First > maxPosition || event.Minute < 0 {
		err = fmt.Errorf("first %d, minute %d", event.First, event.Minute)
	}
	for _, entry := range event.Entries {
		if len(entry.Sha256) != 32 {
			err = fmt.Errorf("sha256 of %d bytes", len(entry.Sha256))
		}
	}
	if err != nil {
		f.log.Error("entries of a feed cannot be right and are left out", "height", add.Progress.Height, "error", err)
		return
	}
	if event.Minute < f.oldest() {
		return
	}
	add.Added = append(add.Added, index.FeedEntries{
		Feed: event.Feed, Minute: event.Minute, First: event.First, Entries: event.Entries,
	})
}
