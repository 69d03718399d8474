package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// keptDays is for how long look-ups are remembered; a clock may be set back a little.
const keptDays = 2

// Spent is what an account used of its look-ups in a day.
type Spent struct {
	Used uint64
	// OK tells that this look-up was within the limit and is counted.
	OK bool
}

// spending gathers look-ups that are counted at the same time, as each commit costs a sync
// of the disk.
type spending struct {
	mu      sync.Mutex
	waiting []*spend
	commit  sync.Mutex
}

type spend struct {
	account string
	day     int64
	limit   uint64

	spent Spent
	err   error
	done  chan struct{}
}

// SpendLookup counts a look-up of an account in a day since 1970 in UTC, unless the limit is
// reached. It is on disk when this returns.
func (x *Index) SpendLookup(ctx context.Context, account string, day int64, limit uint64) (Spent, error) {
	s := &spend{account: account, day: day, limit: limit, done: make(chan struct{})}
	x.spending.mu.Lock()
	x.spending.waiting = append(x.spending.waiting, s)
	first := len(x.spending.waiting) == 1
	x.spending.mu.Unlock()
	if first {
		x.commitSpending(context.WithoutCancel(ctx))
	}
	<-s.done
	return s.spent, s.err
}

// commitSpending commits for all who came until the commit before was done.
func (x *Index) commitSpending(ctx context.Context) {
	x.spending.commit.Lock()
	defer x.spending.commit.Unlock()
	x.spending.mu.Lock()
	together := x.spending.waiting
	x.spending.waiting = nil
	x.spending.mu.Unlock()
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		for _, s := range together {
			if err := s.count(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, s := range together {
		if err != nil {
			s.spent, s.err = Spent{}, fmt.Errorf("count look-up: %w", err)
		}
		close(s.done)
	}
}

func (s *spend) count(ctx context.Context, tx *sql.Tx) error {
	var used int64
	err := tx.QueryRowContext(ctx, `INSERT INTO lookups (day, account, used) SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), 1 WHERE CAST($3 AS BIGINT) > 0
		ON CONFLICT (day, account) DO UPDATE SET used = lookups.used + 1 WHERE lookups.used < $3 RETURNING used`,
		s.day, s.account, int64(s.limit)).Scan(&used)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		s.spent = Spent{Used: s.limit}
		return nil
	case err != nil:
		return err
	}
	s.spent = Spent{Used: uint64(used), OK: true}
	if used > 1 {
		return nil
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM lookups WHERE day <= $1`, s.day-keptDays)
	return err
}
