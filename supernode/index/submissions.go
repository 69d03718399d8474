package index

import (
	"context"
	"database/sql"
	"errors"
	"math"
)

// MaxSubmissions is how many submissions of one file are remembered, the newest ones.
const MaxSubmissions = 256

// schemaSubmissions is of this file. number counts the submissions of a file from 1.
const schemaSubmissions = `
CREATE TABLE submissions (
	sha256  BYTEA NOT NULL REFERENCES files (sha256),
	number  BIGINT NOT NULL,
	date    BIGINT NOT NULL,
	name    TEXT NOT NULL,
	channel TEXT NOT NULL,
	PRIMARY KEY (sha256, number)
);
`

// Submitted is one submission that this node has seen. Of who sent it nothing is kept.
type Submitted struct {
	SHA256  [32]byte
	Number  int64
	Date    int64 // unix seconds
	Name    string
	Channel string // empty when it is not known
}

func addSubmission(ctx context.Context, tx *sql.Tx, s Submission) error {
	var number int64
	if err := tx.QueryRowContext(ctx, `SELECT times_submitted FROM files WHERE sha256 = $1`, s.SHA256[:]).Scan(&number); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM submissions WHERE sha256 = $1 AND number <= $2`, s.SHA256[:], number-MaxSubmissions); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO submissions (sha256, number, date, name, channel) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (sha256, number) DO NOTHING`, s.SHA256[:], number, s.Time, s.Name, s.Channel)
	return err
}

const selectSubmitted = `SELECT number, date, name, channel FROM submissions`

// Submissions are at most limit submissions of a file before a number, 0 for the newest; from
// new to old.
func (x *Index) Submissions(ctx context.Context, sha256 [32]byte, before int64, limit int) ([]Submitted, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := x.read.QueryContext(ctx, selectSubmitted+` WHERE sha256 = $1 AND number < $2 ORDER BY number DESC LIMIT $3`,
		sha256[:], before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Submitted
	for rows.Next() {
		s := Submitted{SHA256: sha256}
		if err := rows.Scan(&s.Number, &s.Date, &s.Name, &s.Channel); err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, rows.Err()
}

// Submitted is the submission of a file with a number. Errors: ErrNotFound.
func (x *Index) Submitted(ctx context.Context, sha256 [32]byte, number int64) (Submitted, error) {
	s := Submitted{SHA256: sha256}
	err := x.read.QueryRowContext(ctx, selectSubmitted+` WHERE sha256 = $1 AND number = $2`, sha256[:], number).
		Scan(&s.Number, &s.Date, &s.Name, &s.Channel)
	if errors.Is(err, sql.ErrNoRows) {
		return Submitted{}, ErrNotFound
	}
	return s, err
}

// Analyses are at most limit analyses of a file after a position, from new to old.
func (x *Index) Analyses(ctx context.Context, sha256 [32]byte, after *Position, limit int) ([]Analysis, error) {
	from := after.from()
	rows, err := x.read.QueryContext(ctx, `SELECT id, created FROM analyses WHERE sha256 = $1 AND (created, id) < ($2, $3)
		ORDER BY created DESC, id DESC LIMIT $4`, sha256[:], from.Date, from.ID, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Analysis
	for rows.Next() {
		a := Analysis{SHA256: sha256}
		if err := rows.Scan(&a.ID, &a.Created); err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, rows.Err()
}
