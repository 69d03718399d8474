// Package index is a supernode's own memory: the files it has taken in, with their
// hashes, names and submissions, and the analyses it promised; what the feeds of the last
// days hold; the API keys that wallets authorised, and what they used. Verdicts are not
// here; they are read from the chain.
package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the "sqlite" driver
)

// ErrNotFound is returned when nothing is stored under a key.
var ErrNotFound = errors.New("not in the index")

// readConnections bounds the connections that look-ups share. SQLite in WAL mode
// lets them read while the one writer writes.
const readConnections = 4

// Index is a SQLite database in WAL mode. It is safe for concurrent use.
type Index struct {
	write *sql.DB
	read  *sql.DB

	fileBySHA256 *sql.Stmt
	fileBySHA1   *sql.Stmt
	fileByMD5    *sql.Stmt
	names        *sql.Stmt
	analysis     *sql.Stmt
	latest       *sql.Stmt
	apiKey       *sql.Stmt

	charging charging
}

// Open opens the database at path, creates it when it is missing and migrates it
// to the newest schema. A database of a newer release is an error.
func Open(ctx context.Context, path string) (_ *Index, err error) {
	x := &Index{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open index %s: %w", path, err), x.Close())
		}
	}()
	// A receipt is given after the commit returned, so commits are synced to disk.
	if x.write, err = sql.Open("sqlite", dsn(path, "journal_mode(WAL)", "synchronous(FULL)")); err != nil {
		return nil, err
	}
	x.write.SetMaxOpenConns(1)
	if err := migrate(ctx, x.write); err != nil {
		return nil, err
	}
	if x.read, err = sql.Open("sqlite", dsn(path, "query_only(true)")); err != nil {
		return nil, err
	}
	x.read.SetMaxOpenConns(readConnections)
	x.read.SetMaxIdleConns(readConnections)
	return x, x.prepare(ctx)
}

func dsn(path string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append(pragmas, "busy_timeout(10000)", "foreign_keys(true)")}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String()
}

func (x *Index) prepare(ctx context.Context) error {
	for _, p := range []struct {
		stmt  **sql.Stmt
		query string
	}{
		{&x.fileBySHA256, selectFile + ` WHERE sha256 = ?`},
		{&x.fileBySHA1, selectFile + ` WHERE sha1 = ? ORDER BY first_submission LIMIT 1`},
		{&x.fileByMD5, selectFile + ` WHERE md5 = ? ORDER BY first_submission LIMIT 1`},
		{&x.names, `SELECT name FROM names WHERE sha256 = ? ORDER BY seen, name`},
		{&x.analysis, `SELECT id, sha256, created FROM analyses WHERE id = ?`},
		{&x.latest, `SELECT id, sha256, created FROM analyses WHERE sha256 = ? ORDER BY created DESC LIMIT 1`},
		{&x.apiKey, `SELECT account, issued, expires FROM api_keys WHERE hash = ?`},
	} {
		stmt, err := x.read.PrepareContext(ctx, p.query)
		if err != nil {
			return err
		}
		*p.stmt = stmt
	}
	return nil
}

// Close closes the database.
func (x *Index) Close() error {
	var errs []error
	for _, db := range []*sql.DB{x.read, x.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping tells whether the database can be read.
func (x *Index) Ping(ctx context.Context) error {
	var one int
	return x.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// inTx runs fn in one write transaction.
func (x *Index) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
