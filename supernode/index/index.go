// Package index is a supernode's own memory: the files it has taken in, with their
// hashes, names and submissions, and the analyses it promised; what the feeds of the last
// days hold; the API keys that wallets authorised, and what they used. What the chain says
// of samples is copied here to be looked up and searched; it can be dropped and read again.
//
// It is a SQLite file, or a PostgreSQL database that several supernodes may share. Each
// concern has its own file, with one text of each statement for both: parameters are $1,
// $2 …, columns BYTEA, BIGINT or TEXT (without NUL), conflicts are settled by ON CONFLICT,
// where columns of the table are named with it. Look-ups go through read, all writing
// through inTx, whose transactions run one after the other.
package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrNotFound is returned when nothing is stored under a key.
var ErrNotFound = errors.New("not in the index")

// Config tells where the index is.
type Config struct {
	// Path of the SQLite file, used when URL is empty.
	Path string
	// URL of a PostgreSQL database, such as postgres://user:password@host:5432/virusmap.
	URL string
}

// Index is an open database. It is safe for concurrent use.
type Index struct {
	kind  database
	write *sql.DB
	read  *sql.DB
	// writing is held by the one write transaction of this process.
	writing chan struct{}

	fileBySHA256 *sql.Stmt
	fileBySHA1   *sql.Stmt
	fileByMD5    *sql.Stmt
	names        *sql.Stmt
	analysis     *sql.Stmt
	latest       *sql.Stmt
	apiKey       *sql.Stmt

	sample        *sql.Stmt
	newestReport  *sql.Stmt
	reportOfRound *sql.Stmt

	charging charging
}

// database is what SQLite and PostgreSQL have each in their own way.
type database interface {
	// open connects for writing and for reading, which may be the same pool.
	open(ctx context.Context) (write, read *sql.DB, err error)
	// lock makes a transaction the only one that writes, until it ends.
	lock(ctx context.Context, tx *sql.Tx) error
	// schema is what to execute for a migration.
	schema(migration string) string
	// formerVersion is the version of a schema from before schema_version, 0 for none.
	formerVersion(ctx context.Context, tx *sql.Tx) (int, error)
	// String names the database in errors, without its password.
	String() string
}

// Open opens the database, creates a SQLite file when it is missing, and migrates it to
// the newest schema. A database of a newer release is an error.
func Open(ctx context.Context, cfg Config) (_ *Index, err error) {
	x := &Index{writing: make(chan struct{}, 1)}
	if x.kind, err = databaseOf(cfg); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open index %s: %w", x.kind, err), x.Close())
		}
	}()
	if x.write, x.read, err = x.kind.open(ctx); err != nil {
		return nil, err
	}
	if err := x.migrate(ctx); err != nil {
		return nil, err
	}
	return x, x.prepare(ctx)
}

func databaseOf(cfg Config) (database, error) {
	if cfg.URL == "" {
		return sqlite{path: cfg.Path}, nil
	}
	return parsePostgreSQL(cfg.URL)
}

func (x *Index) prepare(ctx context.Context) error {
	for _, p := range []struct {
		stmt  **sql.Stmt
		query string
	}{
		{&x.fileBySHA256, selectFile + ` WHERE f.sha256 = $1`},
		{&x.fileBySHA1, selectFile + ` WHERE sha1 = $1 ORDER BY first_submission LIMIT 1`},
		{&x.fileByMD5, selectFile + ` WHERE md5 = $1 ORDER BY first_submission LIMIT 1`},
		{&x.names, `SELECT name FROM names WHERE sha256 = $1 ORDER BY seen, name`},
		{&x.analysis, `SELECT id, sha256, created FROM analyses WHERE id = $1`},
		{&x.latest, `SELECT id, sha256, created FROM analyses WHERE sha256 = $1 ORDER BY created DESC LIMIT 1`},
		{&x.sample, selectSample},
		{&x.newestReport, selectNewestReport},
		{&x.reportOfRound, selectReportOfRound},
		{&x.apiKey, `SELECT account, issued, expires FROM api_keys WHERE hash = $1`},
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

// inTx runs fn in one write transaction. No other one runs at that time, in this process
// or in another, so that what fn reads stays true until it has written.
func (x *Index) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	// Those who wait take no connection from the look-ups.
	select {
	case x.writing <- struct{}{}:
		defer func() { <-x.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := x.kind.lock(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// affected is ErrNotFound when a statement changed no row.
func affected(result sql.Result) error {
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}
