package index

import (
	"context"
	"database/sql"
	"strings"
	"time"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// schemaCounts is of statistics.go. Day 0 has the sums over all days.
const schemaCounts = `
CREATE TABLE counts (
	day   BIGINT NOT NULL,
	name  TEXT NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (day, name)
);

CREATE TABLE engine_counts (
	day        BIGINT NOT NULL,
	operator   TEXT NOT NULL,
	engine     TEXT NOT NULL,
	verdicts   BIGINT NOT NULL,
	detections BIGINT NOT NULL,
	PRIMARY KEY (day, operator, engine)
);
`

// secondsPerDay of UTC days.
const secondsPerDay = 24 * 60 * 60

// Counts are sums by name:
//
//	samples_file, samples_url, samples_intel   new on the chain
//	rounds_initial, rounds_retrospective, rounds_rescan, rounds_appeal   that became final
//	judged                                     samples in those rounds
//	outcomes_clean, outcomes_suspicious, …     of initial rounds, one per sample
//	verdicts, detections                       one per sample and engine; malicious or suspicious
//	engines                                    that gave verdicts
type Counts map[string]int64

// DayCounts are those of one day.
type DayCounts struct {
	// Day in unix seconds divided by 86400.
	Day    int64
	Counts Counts
}

// Statistics are those of the chain.
type Statistics struct {
	Total Counts
	// Days on which something happened, the oldest first.
	Days []DayCounts
}

// KindName is file, url or intel.
func KindName(kind samplestypes.Kind) string {
	return strings.ToLower(strings.TrimPrefix(kind.String(), "KIND_"))
}

// RoundKindName is initial, retrospective, rescan or appeal.
func RoundKindName(kind verdictstypes.RoundKind) string {
	return strings.ToLower(strings.TrimPrefix(kind.String(), "ROUND_KIND_"))
}

// Statistics are the sums over all days, and those of the last days.
func (x *Index) Statistics(ctx context.Context, days int, now time.Time) (Statistics, error) {
	statistics := Statistics{Total: Counts{}}
	first := max(now.Unix()/secondsPerDay-int64(days)+1, 1)
	for _, query := range []string{
		`SELECT day, name, value FROM counts WHERE day = 0`,
		`SELECT day, 'engines', count(*) FROM engine_counts WHERE day = 0 GROUP BY day`,
	} {
		if err := x.counts(ctx, &statistics, query); err != nil {
			return Statistics{}, err
		}
	}
	for _, query := range []string{
		`SELECT day, name, value FROM counts WHERE day >= $1 ORDER BY day`,
		`SELECT day, 'engines', count(*) FROM engine_counts WHERE day >= $1 GROUP BY day`,
	} {
		if err := x.counts(ctx, &statistics, query, first); err != nil {
			return Statistics{}, err
		}
	}
	return statistics, nil
}

// counts adds rows of day, name and value. Days come in order before those that have them already.
func (x *Index) counts(ctx context.Context, to *Statistics, query string, args ...any) error {
	rows, err := x.read.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	byDay := map[int64]Counts{0: to.Total}
	for _, day := range to.Days {
		byDay[day.Day] = day.Counts
	}
	for rows.Next() {
		var day, value int64
		var name string
		if err := rows.Scan(&day, &name, &value); err != nil {
			return err
		}
		if byDay[day] == nil {
			byDay[day] = Counts{}
			to.Days = append(to.Days, DayCounts{Day: day, Counts: byDay[day]})
		}
		byDay[day][name] = value
	}
	return rows.Err()
}

// count adds to the sums of a day and of all days.
func count(ctx context.Context, tx *sql.Tx, at time.Time, values map[string]int64) error {
	for _, day := range []int64{at.Unix() / secondsPerDay, 0} {
		for name, value := range values {
			if _, err := tx.ExecContext(ctx, `INSERT INTO counts (day, name, value) VALUES ($1, $2, $3)
				ON CONFLICT (day, name) DO UPDATE SET value = counts.value + excluded.value`, day, name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// EngineCount is what an engine gave in a round.
type EngineCount struct {
	Operator, Engine     string
	Verdicts, Detections int64
}

func countEngines(ctx context.Context, tx *sql.Tx, at time.Time, engines []EngineCount) error {
	for _, day := range []int64{at.Unix() / secondsPerDay, 0} {
		for _, e := range engines {
			if _, err := tx.ExecContext(ctx, `INSERT INTO engine_counts (day, operator, engine, verdicts, detections)
				VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day, operator, engine) DO UPDATE SET
					verdicts = engine_counts.verdicts + excluded.verdicts, detections = engine_counts.detections + excluded.detections`,
				day, e.Operator, e.Engine, e.Verdicts, e.Detections); err != nil {
				return err
			}
		}
	}
	return nil
}
