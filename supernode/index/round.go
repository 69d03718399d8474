package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// schemaReports is of round.go and report.go. Of a report, what it shares with all of its
// round is in rounds, and its outcome may not stand: that of an appeal enters the history of
// a sample when the appeal is won.
const schemaReports = `
CREATE TABLE reports (
	sha256  BYTEA NOT NULL CHECK (length(sha256) = 32),
	round   BIGINT NOT NULL,
	stands  BIGINT NOT NULL,
	outcome BIGINT NOT NULL,
	report  BYTEA NOT NULL,
	PRIMARY KEY (sha256, round)
) /* wide rows */;

CREATE TABLE rounds (
	number       BIGINT NOT NULL PRIMARY KEY,
	kind         BIGINT NOT NULL,
	stage        BIGINT NOT NULL,
	final_time   BIGINT NOT NULL,
	samples      BIGINT NOT NULL,
	seats        BIGINT NOT NULL,
	attestations BIGINT NOT NULL,
	verdicts     BIGINT NOT NULL,
	clean        BIGINT NOT NULL,
	suspicious   BIGINT NOT NULL,
	malicious    BIGINT NOT NULL,
	undetermined BIGINT NOT NULL,
	invalid      BIGINT NOT NULL,
	round        BYTEA NOT NULL
) /* wide rows */;
`

// reportsPerTx bounds the reports of one transaction, so that others need not wait long.
const reportsPerTx = 256

// Judgement is a final round as it is stored. Reports are in the order of the members, and
// their Round is not looked at.
type Judgement struct {
	Round   verdictstypes.Round
	Reports iter.Seq2[verdictstypes.Report, error]
	Engines []EngineCount
}

// AddJudgement stores the reports of a round, some hundred in a transaction, and the round
// with the statistics in the last one. To add it again changes nothing.
func (x *Index) AddJudgement(ctx context.Context, j Judgement) error {
	var outcomes [verdictstypes.OUTCOME_INVALID + 1]int64
	batch := make([]verdictstypes.Report, 0, reportsPerTx)
	for report, err := range j.Reports {
		if err != nil {
			return fmt.Errorf("store round %d: %w", j.Round.Number, err)
		}
		if report.Outcome < 0 || int(report.Outcome) >= len(outcomes) {
			return fmt.Errorf("store round %d: unknown outcome %d", j.Round.Number, report.Outcome)
		}
		outcomes[report.Outcome]++
		if batch = append(batch, report); len(batch) < reportsPerTx {
			continue
		}
		if err := x.inTx(ctx, func(tx *sql.Tx) error { return addReports(ctx, tx, j.Round, batch) }); err != nil {
			return fmt.Errorf("store reports of round %d: %w", j.Round.Number, err)
		}
		batch = batch[:0]
	}
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if err := addReports(ctx, tx, j.Round, batch); err != nil {
			return err
		}
		return addRound(ctx, tx, j, outcomes[:])
	})
	if err != nil {
		return fmt.Errorf("store round %d: %w", j.Round.Number, err)
	}
	return nil
}

// addReports stores reports, what they are found by, and how their samples stand now.
func addReports(ctx context.Context, tx *sql.Tx, round verdictstypes.Round, reports []verdictstypes.Report) error {
	stands := int64(1)
	if round.Kind == verdictstypes.ROUND_KIND_APPEAL {
		stands = 0
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO reports (sha256, round, stands, outcome, report) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (sha256, round) DO NOTHING`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, report := range reports {
		encoded, err := encodeReport(report)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, report.Sha256, int64(round.Number), stands, int64(report.Outcome), encoded); err != nil {
			return err
		}
		if err := addTerms(ctx, tx, report.Sha256, round.FinalTime, termsOf(report)); err != nil {
			return err
		}
		if round.Kind != verdictstypes.ROUND_KIND_INITIAL && round.Kind != verdictstypes.ROUND_KIND_RESCAN {
			continue
		}
		if err := conclude(ctx, tx, report.Sha256, round.Number, report.Outcome); err != nil {
			return err
		}
	}
	return nil
}

// addRound stores a round, and counts it when it is new.
func addRound(ctx context.Context, tx *sql.Tx, j Judgement, outcomes []int64) error {
	round := j.Round
	encoded, err := round.Marshal()
	if err != nil {
		return err
	}
	var verdicts, detections int64
	for _, engine := range j.Engines {
		verdicts += engine.Verdicts
		detections += engine.Detections
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO rounds (number, kind, stage, final_time, samples, seats, attestations, verdicts,
		clean, suspicious, malicious, undetermined, invalid, round)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (number) DO NOTHING`,
		int64(round.Number), int64(round.Kind), int64(round.Stage), round.FinalTime, int64(round.Samples), int64(round.Seats),
		int64(round.Attestations), verdicts, outcomes[verdictstypes.OUTCOME_CLEAN], outcomes[verdictstypes.OUTCOME_SUSPICIOUS],
		outcomes[verdictstypes.OUTCOME_MALICIOUS], outcomes[verdictstypes.OUTCOME_UNDETERMINED],
		outcomes[verdictstypes.OUTCOME_INVALID], encoded)
	if err != nil {
		return err
	}
	if added, err := result.RowsAffected(); err != nil || added == 0 {
		return err
	}
	at := time.Unix(round.FinalTime, 0)
	counts := map[string]int64{
		"rounds_" + RoundKindName(round.Kind): 1, "judged": int64(round.Samples), "verdicts": verdicts, "detections": detections,
	}
	if round.Kind == verdictstypes.ROUND_KIND_INITIAL {
		for outcome, n := range outcomes {
			if outcome > 0 && n > 0 {
				counts["outcomes_"+OutcomeName(verdictstypes.Outcome(outcome))] = n
			}
		}
	}
	if err := count(ctx, tx, at, counts); err != nil {
		return err
	}
	return countEngines(ctx, tx, at, j.Engines)
}

// HasRound tells whether a round is stored with all of its reports.
func (x *Index) HasRound(ctx context.Context, number uint64) (found bool, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM rounds WHERE number = $1)`, int64(number)).Scan(&found)
	return found, err
}

// AddOutcome stores what a round decided of a sample where its verdicts are gone. A report
// that is stored stays.
func (x *Index) AddOutcome(ctx context.Context, sha256 []byte, round uint64, outcome verdictstypes.Outcome) error {
	encoded, err := encodeReport(verdictstypes.Report{Outcome: outcome})
	if err != nil {
		return err
	}
	err = x.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO reports (sha256, round, stands, outcome, report) VALUES ($1, $2, 1, $3, $4)
			ON CONFLICT (sha256, round) DO NOTHING`, sha256, int64(round), int64(outcome), encoded)
		return err
	})
	if err != nil {
		return fmt.Errorf("store outcome of %x: %w", sha256, err)
	}
	return nil
}

// AppealWon lets the outcome of the newest appeal about a sample stand. Errors: ErrNotFound
// when the round that decided it is not stored.
func (x *Index) AppealWon(ctx context.Context, sha256 []byte) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		var number int64
		err := tx.QueryRowContext(ctx, `SELECT r.round FROM reports r JOIN rounds n ON n.number = r.round
			WHERE r.sha256 = $1 AND n.kind = $2 ORDER BY r.round DESC LIMIT 1`,
			sha256, int64(verdictstypes.ROUND_KIND_APPEAL)).Scan(&number)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		return stand(ctx, tx, sha256, number)
	})
	if err != nil {
		return fmt.Errorf("let the appeal of %x stand: %w", sha256, err)
	}
	return nil
}

// AppealStands lets the outcome of an appeal's round stand.
func (x *Index) AppealStands(ctx context.Context, sha256 []byte, round uint64) error {
	return x.inTx(ctx, func(tx *sql.Tx) error { return stand(ctx, tx, sha256, int64(round)) })
}

func stand(ctx context.Context, tx *sql.Tx, sha256 []byte, round int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE reports SET stands = 1 WHERE sha256 = $1 AND round = $2`, sha256, round)
	return err
}
