package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// schemaSamples is of sample.go.
const schemaSamples = `
CREATE TABLE samples (
	sha256           BYTEA NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
	kind             BIGINT NOT NULL,
	size             BIGINT NOT NULL,
	contributor      TEXT NOT NULL,
	gateway          TEXT NOT NULL,
	submitted_height BIGINT NOT NULL,
	submitted_time   BIGINT NOT NULL,
	status           BIGINT NOT NULL,
	round            BIGINT NOT NULL
);
`

// dropped is the status of a sample whose record has expired.
const dropped = samplestypes.STATUS_UNSPECIFIED

// SampleChange changes what is known of samples. To make the same changes again, in the
// same order, changes nothing.
type SampleChange func(ctx context.Context, tx *sql.Tx) error

// SampleRead stores a record as the chain has it now.
func SampleRead(entry samplestypes.SampleEntry) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		if err := SampleSubmitted(entry)(ctx, tx); err != nil {
			return err
		}
		s := entry.Sample
		_, err := tx.ExecContext(ctx, `UPDATE samples SET contributor = $2, status = $3, round = $4 WHERE sha256 = $1`,
			entry.Sha256, s.Contributor, int64(s.Status), int64(s.Round))
		return err
	}
}

// SampleSubmitted adds a record. It takes the place of one that has expired, or that was
// not what it claimed to be.
func SampleSubmitted(entry samplestypes.SampleEntry) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		s := entry.Sample
		result, err := tx.ExecContext(ctx, `INSERT INTO samples
			(sha256, kind, size, contributor, gateway, submitted_height, submitted_time, status, round)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (sha256) DO NOTHING`,
			entry.Sha256, int64(s.Kind), int64(s.SizeBytes), s.Contributor, s.Gateway,
			s.SubmittedHeight, s.SubmittedTime, int64(s.Status), int64(s.Round))
		if err != nil {
			return err
		}
		if added, err := result.RowsAffected(); err != nil {
			return err
		} else if added > 0 {
			return countSample(ctx, tx, entry)
		}
		_, err = tx.ExecContext(ctx, `UPDATE samples SET kind = $2, size = $3, contributor = $4, gateway = $5,
			submitted_height = $6, submitted_time = $7, status = $8, round = $9
			WHERE sha256 = $1 AND (status = $10 AND submitted_height <= $6 OR status = $11 AND submitted_height < $6)`,
			entry.Sha256, int64(s.Kind), int64(s.SizeBytes), s.Contributor, s.Gateway,
			s.SubmittedHeight, s.SubmittedTime, int64(s.Status), int64(s.Round), int64(dropped), int64(samplestypes.STATUS_INVALID))
		return err
	}
}

// countSample adds a new sample to the statistics, and makes it found by its kind.
func countSample(ctx context.Context, tx *sql.Tx, entry samplestypes.SampleEntry) error {
	kind := KindName(entry.Sample.Kind)
	if err := count(ctx, tx, time.Unix(entry.Sample.SubmittedTime, 0), map[string]int64{"samples_" + kind: 1}); err != nil {
		return err
	}
	return addTerms(ctx, tx, entry.Sha256, entry.Sample.SubmittedTime, []string{Term{TermKind, kind}.text()})
}

// ContributorReplaced credits another contributor.
func ContributorReplaced(sha256 []byte, contributor string) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE samples SET contributor = $2 WHERE sha256 = $1`, sha256, contributor)
		return err
	}
}

// ScanBegan makes queued samples members of a round.
func ScanBegan(members [][]byte, round uint64) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		return each(ctx, tx, members, `UPDATE samples SET status = $2, round = $3 WHERE sha256 = $1 AND status = $4`,
			int64(samplestypes.STATUS_SCANNING), int64(round), int64(samplestypes.STATUS_QUEUED))
	}
}

// ScanAborted queues the members of a round again that came to nothing.
func ScanAborted(round uint64, members [][]byte) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		return each(ctx, tx, members, `UPDATE samples SET status = $2 WHERE sha256 = $1 AND round = $3 AND status = $4`,
			int64(samplestypes.STATUS_QUEUED), int64(round), int64(samplestypes.STATUS_SCANNING))
	}
}

// ScanConcluded ends the scan of the members of a round by its outcomes.
func ScanConcluded(round uint64, members [][]byte, outcomes []byte) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		for i, member := range members {
			if err := conclude(ctx, tx, member, round, verdictstypes.Outcome(outcomes[i])); err != nil {
				return err
			}
		}
		return nil
	}
}

// conclude ends the scan of a sample as x/samples does: one that was taken down meanwhile
// stays so.
func conclude(ctx context.Context, tx *sql.Tx, sha256 []byte, round uint64, outcome verdictstypes.Outcome) error {
	status := samplestypes.STATUS_FINAL
	if outcome == verdictstypes.OUTCOME_INVALID {
		status = samplestypes.STATUS_INVALID
	}
	_, err := tx.ExecContext(ctx, `UPDATE samples SET status = $2 WHERE sha256 = $1 AND round = $3 AND status = $4`,
		sha256, int64(status), int64(round), int64(samplestypes.STATUS_SCANNING))
	return err
}

// RescanRequested queues a finished sample again.
func RescanRequested(sha256 []byte) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE samples SET status = $2 WHERE sha256 = $1 AND status = $3`,
			sha256, int64(samplestypes.STATUS_QUEUED), int64(samplestypes.STATUS_FINAL))
		return err
	}
}

// SampleBlocked takes a sample down, SampleExpired drops its record. Its reports stay, as
// they do on the chain.
func SampleBlocked(sha256 []byte) SampleChange {
	return setStatus(sha256, samplestypes.STATUS_BLOCKED)
}

// SampleExpired drops the record of a sample.
func SampleExpired(sha256 []byte) SampleChange { return setStatus(sha256, dropped) }

func setStatus(sha256 []byte, status samplestypes.Status) SampleChange {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE samples SET status = $2 WHERE sha256 = $1`, sha256, int64(status))
		return err
	}
}

// each executes a statement for each of some hashes, which is its first parameter.
func each(ctx context.Context, tx *sql.Tx, hashes [][]byte, statement string, args ...any) error {
	stmt, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, hash := range hashes {
		if _, err := stmt.ExecContext(ctx, append([]any{hash}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// Change makes changes in one transaction, in order.
func (x *Index) Change(ctx context.Context, changes ...SampleChange) error {
	return x.change(ctx, changes, nil)
}

// ChangeTo makes changes and stores the progress that they lead to in one transaction.
func (x *Index) ChangeTo(ctx context.Context, p Progress, changes ...SampleChange) error {
	return x.change(ctx, changes, &p)
}

func (x *Index) change(ctx context.Context, changes []SampleChange, p *Progress) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		for _, change := range changes {
			if err := change(ctx, tx); err != nil {
				return err
			}
		}
		if p == nil {
			return nil
		}
		return setProgress(ctx, tx, *p)
	})
	if err != nil {
		return fmt.Errorf("change samples: %w", err)
	}
	return nil
}

const selectSample = `SELECT kind, size, contributor, gateway, submitted_height, submitted_time, status, round FROM samples
	WHERE sha256 = $1 AND status > 0`

// Sample is the chain's record of a sample, without its sealing, deposit, rank and expiry.
// Errors: ErrNotFound.
func (x *Index) Sample(ctx context.Context, sha256 [32]byte) (s samplestypes.Sample, err error) {
	var size, round int64
	err = x.sample.QueryRowContext(ctx, sha256[:]).Scan(&s.Kind, &size, &s.Contributor, &s.Gateway,
		&s.SubmittedHeight, &s.SubmittedTime, &s.Status, &round)
	if errors.Is(err, sql.ErrNoRows) {
		return samplestypes.Sample{}, ErrNotFound
	}
	s.SizeBytes, s.Round = uint64(size), uint64(round)
	return s, err
}

// SamplesToOpen lists samples of files, from a hash on, of which this node knows no other
// hash or no details, at most limit of them in ascending order.
func (x *Index) SamplesToOpen(ctx context.Context, from []byte, limit int) (hashes [][]byte, err error) {
	if from == nil {
		from = []byte{} // nil is NULL
	}
	rows, err := x.read.QueryContext(ctx, `SELECT sha256 FROM samples
		WHERE sha256 > $1 AND kind = $2 AND status > 0 AND status < $3
			AND (NOT EXISTS (SELECT 1 FROM files WHERE files.sha256 = samples.sha256)
				OR NOT EXISTS (SELECT 1 FROM details WHERE details.sha256 = samples.sha256))
		ORDER BY sha256 LIMIT $4`, from, int64(samplestypes.KIND_FILE), int64(samplestypes.STATUS_INVALID), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, rows.Err()
}
