package scanner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the "sqlite" driver

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// journal is what must survive a crash: the last handled height, what was
// committed to in each round, and where finished rounds are archived.
type journal struct{ db *sql.DB }

// journalFile is in the scanner's folder.
const journalFile = "journal.db"

// answer is what the scanner says in a round, with the salt that hides it.
type answer struct {
	salt        []byte
	attestation verdictstypes.Attestation
}

const schema = `
CREATE TABLE IF NOT EXISTS chain    (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY CHECK (id = 1), height INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS answers  (round INTEGER PRIMARY KEY, salt BLOB NOT NULL, attestation BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS archive  (round INTEGER PRIMARY KEY, cid TEXT NOT NULL);
`

// openJournal opens or makes the journal of a chain. That of another one is refused:
// its heights and rounds have other meanings.
func openJournal(ctx context.Context, path, chainID string) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// FULL makes every transaction durable before it returns.
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	j := &journal{db}
	if err := j.prepare(ctx, chainID); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), j.close())
	}
	return j, nil
}

func (j *journal) prepare(ctx context.Context, chainID string) error {
	if _, err := j.db.ExecContext(ctx, schema); err != nil {
		return err
	}
	if _, err := j.db.ExecContext(ctx, `INSERT INTO chain VALUES (1, ?) ON CONFLICT DO NOTHING`, chainID); err != nil {
		return err
	}
	var of string
	if err := j.db.QueryRowContext(ctx, `SELECT name FROM chain`).Scan(&of); err != nil {
		return err
	}
	if of != chainID {
		return fmt.Errorf("it is of chain %q, not %q", of, chainID)
	}
	return nil
}

func (j *journal) close() error { return j.db.Close() }

// height is the last handled block, 0 when there is none.
func (j *journal) height(ctx context.Context) (int64, error) {
	var height int64
	err := j.db.QueryRowContext(ctx, `SELECT height FROM progress`).Scan(&height)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return height, err
}

func (j *journal) setHeight(ctx context.Context, height int64) error {
	_, err := j.db.ExecContext(ctx, `INSERT INTO progress VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET height = excluded.height`, height)
	return err
}

// answer returns what was journalled for a round, or nil.
func (j *journal) answer(ctx context.Context, round uint64) (*answer, error) {
	var a answer
	var encoded []byte
	err := j.db.QueryRowContext(ctx, `SELECT salt, attestation FROM answers WHERE round = ?`, int64(round)).Scan(&a.salt, &encoded)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := a.attestation.Unmarshal(encoded); err != nil {
		return nil, fmt.Errorf("journal: answer of round %d: %w", round, err)
	}
	return &a, nil
}

// saveAnswer keeps the first answer that is given for a round: there is never another.
func (j *journal) saveAnswer(ctx context.Context, round uint64, a answer) error {
	encoded, err := a.attestation.Marshal()
	if err != nil {
		return err
	}
	_, err = j.db.ExecContext(ctx, `INSERT INTO answers VALUES (?, ?, ?)`, int64(round), a.salt, encoded)
	return err
}

// answered lists the rounds that have an answer and are not known to be finished.
func (j *journal) answered(ctx context.Context) ([]uint64, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT round FROM answers ORDER BY round`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var rounds []uint64
	for rows.Next() {
		var round int64
		if err := rows.Scan(&round); err != nil {
			return nil, err
		}
		rounds = append(rounds, uint64(round))
	}
	return rounds, rows.Err()
}

// forget drops the answer of a finished round.
func (j *journal) forget(ctx context.Context, round uint64) error {
	_, err := j.db.ExecContext(ctx, `DELETE FROM answers WHERE round = ?`, int64(round))
	return err
}

// archived returns the CID under which a round is kept, or "".
func (j *journal) archived(ctx context.Context, round uint64) (string, error) {
	var cid string
	err := j.db.QueryRowContext(ctx, `SELECT cid FROM archive WHERE round = ?`, int64(round)).Scan(&cid)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return cid, err
}

func (j *journal) saveArchive(ctx context.Context, round uint64, cid string) error {
	_, err := j.db.ExecContext(ctx, `INSERT INTO archive VALUES (?, ?) ON CONFLICT (round) DO NOTHING`, int64(round), cid)
	return err
}
