package feeds

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// pageEntries is how many entries are worked on together.
const pageEntries = 256

// Record is what the chain says of the package of a minute. Errors: ErrTooEarly,
// ErrNoPackage.
func (f *Feeds) Record(ctx context.Context, feed string, minute int64) (markettypes.FeedPackage, error) {
	if err := f.checkTime(minute, minute); err != nil {
		return markettypes.FeedPackage{}, err
	}
	answer, err := f.deps.Chain.Market().FeedPackage(ctx, &markettypes.QueryFeedPackageRequest{Feed: feed, Minute: minute})
	if status.Code(err) == codes.NotFound {
		return markettypes.FeedPackage{}, ErrNoPackage
	}
	if err != nil {
		return markettypes.FeedPackage{}, fmt.Errorf("read record of a feed: %w", err)
	}
	return answer.Package, checkRecord(answer.Package, feed, minute, minute)
}

// HourRecords are what the chain says of the packages of an hour, given by its first minute,
// in order. Errors: ErrTooEarly, ErrNoPackage.
func (f *Feeds) HourRecords(ctx context.Context, feed string, first int64) ([]markettypes.FeedPackage, error) {
	last := first + 59
	if err := f.checkTime(first, last); err != nil {
		return nil, err
	}
	answer, err := f.deps.Chain.Market().FeedPackages(ctx, &markettypes.QueryFeedPackagesRequest{Feed: feed, From: first, To: last})
	if err != nil {
		return nil, fmt.Errorf("read records of a feed: %w", err)
	}
	records := answer.Packages
	if len(records) == 0 {
		return nil, ErrNoPackage
	}
	slices.SortFunc(records, func(a, b markettypes.FeedPackage) int { return int(a.Minute - b.Minute) })
	for i, record := range records {
		if err := checkRecord(record, feed, first, last); err != nil {
			return nil, err
		}
		if i > 0 && record.Minute == records[i-1].Minute {
			return nil, fmt.Errorf("the chain told of minute %d twice", record.Minute)
		}
	}
	return records, nil
}

// checkTime refuses minutes that are to come, whose block was not followed yet, or that are
// no longer kept.
func (f *Feeds) checkTime(first, last int64) error {
	now := Minute(f.deps.Now())
	switch {
	case first < f.oldest():
		return ErrNoPackage
	case last+int64(f.cfg.DelayMinutes) > now, last >= f.head.Load():
		return ErrTooEarly
	}
	return nil
}

func checkRecord(record markettypes.FeedPackage, feed string, first, last int64) error {
	if record.Feed != feed || record.Minute < first || record.Minute > last || len(record.Root) != 32 {
		return fmt.Errorf("the chain answered for %.16q, minute %d, with a root of %d bytes", record.Feed, record.Minute, len(record.Root))
	}
	return nil
}

// check compares the entries that were followed with the chain's record.
func (f *Feeds) check(ctx context.Context, record markettypes.FeedPackage) error {
	head := markettypes.FeedHead{Feed: record.Feed, Minute: record.Minute}
	for head.Count <= record.Count {
		entries, err := f.deps.Index.FeedEntries(ctx, record.Feed, record.Minute, head.Count, pageEntries)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			break
		}
		if err := head.Append(entries...); err != nil {
			return err
		}
	}
	own, err := head.Package()
	if err != nil {
		return err
	}
	if own.Count == record.Count && bytes.Equal(own.Root, record.Root) {
		return nil
	}
	gap, err := f.deps.Index.FeedGap(ctx, record.Minute)
	if err != nil {
		return err
	}
	f.log.Error("a package of a feed is not as the chain recorded it", "feed", record.Feed, "minute", Time(record.Minute),
		"entries", own.Count, "recorded", record.Count, "gap", gap)
	if gap {
		return fmt.Errorf("%w: it did not see every block of that minute", ErrIncomplete)
	}
	return fmt.Errorf("%w: it saw other entries than the chain recorded", ErrIncomplete)
}
