package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// FeedProgress is how far the chain was followed for its feeds.
type FeedProgress struct {
	// Height of the last block that was looked at; 0 when none was.
	Height int64
	// Minute of that block, in unix seconds divided by 60.
	Minute int64
}

// FeedBlock is what one block adds to the feeds.
type FeedBlock struct {
	Progress FeedProgress
	Added    []FeedEntries
	// Gap tells that blocks before this one are gone: what the packages hold is not known
	// from GapFrom to the minute of this block.
	Gap     bool
	GapFrom int64
}

// FeedEntries are entries of one package from a position on.
type FeedEntries struct {
	Feed    string
	Minute  int64
	First   uint64
	Entries []markettypes.FeedEntry
}

// AddFeedBlock stores what a block adds together with the progress. To add a block again
// changes nothing.
func (x *Index) AddFeedBlock(ctx context.Context, block FeedBlock) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if block.Gap {
			if _, err := tx.ExecContext(ctx, `INSERT INTO feed_gaps (first_minute, last_minute) VALUES ($1, $2)
				ON CONFLICT (first_minute, last_minute) DO NOTHING`,
				block.GapFrom, block.Progress.Minute); err != nil {
				return err
			}
		}
		for _, added := range block.Added {
			if err := addFeedEntries(ctx, tx, added); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO feed_progress (id, height, minute) VALUES (1, $1, $2)
			ON CONFLICT (id) DO UPDATE SET height = excluded.height, minute = excluded.minute`,
			block.Progress.Height, block.Progress.Minute)
		return err
	})
	if err != nil {
		return fmt.Errorf("store feed entries of block %d: %w", block.Progress.Height, err)
	}
	return nil
}

func addFeedEntries(ctx context.Context, tx *sql.Tx, added FeedEntries) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO feed_entries
		(minute, feed, position, sha256, round, outcome, stage) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (minute, feed, position) DO UPDATE SET sha256 = excluded.sha256, round = excluded.round,
			outcome = excluded.outcome, stage = excluded.stage`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, entry := range added.Entries {
		if _, err := insert.ExecContext(ctx, added.Minute, added.Feed, int64(added.First)+int64(i),
			entry.Sha256, int64(entry.Round), entry.Outcome, entry.Stage); err != nil {
			return err
		}
	}
	return nil
}

// FeedProgress is that of the last block that was added.
func (x *Index) FeedProgress(ctx context.Context) (progress FeedProgress, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT height, minute FROM feed_progress`).Scan(&progress.Height, &progress.Minute)
	if errors.Is(err, sql.ErrNoRows) {
		return FeedProgress{}, nil
	}
	return progress, err
}

// FeedGap tells whether blocks of a minute were not seen.
func (x *Index) FeedGap(ctx context.Context, minute int64) (gap bool, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM feed_gaps WHERE first_minute <= $1 AND last_minute >= $1)`,
		minute).Scan(&gap)
	return gap, err
}

// FeedEntries returns at most limit entries of a package from a position on, in order. They
// end before a position that is missing.
func (x *Index) FeedEntries(ctx context.Context, feed string, minute int64, from uint64, limit int) ([]markettypes.FeedEntry, error) {
	rows, err := x.read.QueryContext(ctx, `SELECT position, sha256, round, outcome, stage FROM feed_entries
		WHERE minute = $1 AND feed = $2 AND position >= $3 ORDER BY position LIMIT $4`, minute, feed, int64(from), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []markettypes.FeedEntry
	for rows.Next() {
		var entry markettypes.FeedEntry
		var position, round int64
		if err := rows.Scan(&position, &entry.Sha256, &round, &entry.Outcome, &entry.Stage); err != nil {
			return nil, err
		}
		if position != int64(from)+int64(len(entries)) {
			break
		}
		entry.Round = uint64(round)
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}

// DropFeeds drops what is known of the minutes before one.
func (x *Index) DropFeeds(ctx context.Context, before int64) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM feed_entries WHERE minute < $1`, before); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM feed_gaps WHERE last_minute < $1`, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop feeds: %w", err)
	}
	return nil
}
