package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"sync"
)

// schemaUsage counts by quota and period, and takes over what was counted of this day.
const schemaUsage = `
CREATE TABLE quota_usage (
	account  TEXT NOT NULL,
	quota    TEXT NOT NULL,
	period   BIGINT NOT NULL,
	used     BIGINT NOT NULL,
	exceeded BIGINT NOT NULL,
	PRIMARY KEY (account, quota, period)
);
CREATE INDEX quota_usage_by_period ON quota_usage (period);
INSERT INTO quota_usage (account, quota, period, used, exceeded)
	SELECT account, 'api_requests_daily', day * 86400, used, 0 FROM lookups;
DROP TABLE lookups;
`

// Quota is one of an account in one period.
type Quota struct {
	Name   string
	Period int64 // when it began, unix seconds
	Limit  uint64
}

// Charge takes one from each of some quotas of an account, or from none when one of them is
// used up.
type Charge struct {
	Account string
	Quotas  []Quota
	// Exceeded goes into the audit log when a quota refuses for the first time in a day.
	Exceeded AuditEntry
}

// Charged is what came of a charge.
type Charged struct {
	// OK tells that it was within all limits and is counted.
	OK bool
	// Used is what is counted of each quota now.
	Used []uint64
}

// charging gathers charges that come at the same time, as each commit costs a sync of the disk.
type charging struct {
	mu      sync.Mutex
	waiting []*pendingCharge
	commit  sync.Mutex
}

type pendingCharge struct {
	Charge
	charged Charged
	err     error
	done    chan struct{}
}

// Charge counts exactly, whatever else is charged at that time, here or by another gateway on
// the same database. It is on disk when this returns.
func (x *Index) Charge(ctx context.Context, charge Charge) (Charged, error) {
	p := &pendingCharge{Charge: charge, done: make(chan struct{})}
	x.charging.mu.Lock()
	x.charging.waiting = append(x.charging.waiting, p)
	first := len(x.charging.waiting) == 1
	x.charging.mu.Unlock()
	if first {
		x.commitCharges(context.WithoutCancel(ctx))
	}
	<-p.done
	return p.charged, p.err
}

// commitCharges commits for all who came until the commit before was done.
func (x *Index) commitCharges(ctx context.Context) {
	x.charging.commit.Lock()
	defer x.charging.commit.Unlock()
	x.charging.mu.Lock()
	together := x.charging.waiting
	x.charging.waiting = nil
	x.charging.mu.Unlock()
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		for _, p := range together {
			if err := p.count(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, p := range together {
		if err != nil {
			p.charged, p.err = Charged{}, fmt.Errorf("charge quotas: %w", err)
		}
		close(p.done)
	}
}

func (p *pendingCharge) count(ctx context.Context, tx *sql.Tx) error {
	for i, quota := range p.Quotas {
		used, ok, err := p.take(ctx, tx, quota)
		if err != nil {
			return err
		}
		if !ok {
			return p.refuse(ctx, tx, i)
		}
		p.charged.Used = append(p.charged.Used, used)
	}
	p.charged.OK = true
	return nil
}

func (p *pendingCharge) take(ctx context.Context, tx *sql.Tx, quota Quota) (used uint64, ok bool, err error) {
	limit := int64(min(quota.Limit, math.MaxInt64))
	if limit == 0 {
		return 0, false, nil
	}
	var now int64
	err = tx.QueryRowContext(ctx, `INSERT INTO quota_usage (account, quota, period, used, exceeded) VALUES ($1, $2, $3, 1, 0)
		ON CONFLICT (account, quota, period) DO UPDATE SET used = quota_usage.used + 1 WHERE quota_usage.used < $4 RETURNING used`,
		p.Account, quota.Name, quota.Period, limit).Scan(&now)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return uint64(now), true, err
}

// refuse gives back what was taken before the quota that is used up.
func (p *pendingCharge) refuse(ctx context.Context, tx *sql.Tx, refused int) error {
	p.charged = Charged{Used: make([]uint64, len(p.Quotas))}
	for i, quota := range p.Quotas {
		if i < refused {
			if _, err := tx.ExecContext(ctx, `UPDATE quota_usage SET used = used - 1 WHERE account = $1 AND quota = $2 AND period = $3`,
				p.Account, quota.Name, quota.Period); err != nil {
				return err
			}
		}
		var used int64
		err := tx.QueryRowContext(ctx, `SELECT used FROM quota_usage WHERE account = $1 AND quota = $2 AND period = $3`,
			p.Account, quota.Name, quota.Period).Scan(&used)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		p.charged.Used[i] = uint64(used)
	}
	quota, day := p.Quotas[refused], p.Exceeded.Time/secondsPerDay
	result, err := tx.ExecContext(ctx, `UPDATE quota_usage SET exceeded = $4 WHERE account = $1 AND quota = $2 AND period = $3 AND exceeded < $4`,
		p.Account, quota.Name, quota.Period, day)
	if err != nil {
		return err
	}
	if first, err := result.RowsAffected(); err != nil || first == 0 {
		return err
	}
	p.Exceeded.Object = quota.Name
	return addAuditEntry(ctx, tx, p.Exceeded)
}

// maxUsage bounds what Usage answers: a year of days and months of every quota.
const maxUsage = 4096

// Usage is what was counted of a quota of an account in a period.
type Usage struct {
	Quota  string
	Period int64 // when it began, unix seconds
	Used   uint64
}

// Usage lists what an account used in the periods that began at since, in unix seconds, or
// later, by quota and time.
func (x *Index) Usage(ctx context.Context, account string, since int64) ([]Usage, error) {
	rows, err := x.read.QueryContext(ctx, `SELECT quota, period, used FROM quota_usage WHERE account = $1 AND period >= $2
		ORDER BY quota, period LIMIT $3`, account, since, maxUsage)
	if err != nil {
		return nil, fmt.Errorf("read usage: %w", err)
	}
	defer rows.Close()
	var all []Usage
	for rows.Next() {
		var u Usage
		if err := rows.Scan(&u.Quota, &u.Period, &u.Used); err != nil {
			return nil, fmt.Errorf("read usage: %w", err)
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

// PruneUsage forgets the periods that began before a time in unix seconds.
func (x *Index) PruneUsage(ctx context.Context, before int64) error {
	return x.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM quota_usage WHERE period < $1`, before)
		return err
	})
}
