package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readConnections bounds the connections that look-ups share. SQLite in WAL mode
// lets them read while the one writer writes.
const readConnections = 4

const (
	busyTimeout = 10 * time.Second
	busyPause   = 10 * time.Millisecond
)

// sqlite is a file in WAL mode.
type sqlite struct{ path string }

func (s sqlite) String() string { return s.path }

func (s sqlite) open(ctx context.Context) (write, read *sql.DB, err error) {
	// A receipt is given after the commit returned, so commits are synced to disk.
	if write, err = sql.Open("sqlite", s.dsn("synchronous(FULL)")); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if err := useWAL(ctx, write); err != nil {
		return write, nil, err
	}
	if read, err = sql.Open("sqlite", s.dsn("query_only(true)")); err != nil {
		return write, nil, err
	}
	read.SetMaxOpenConns(readConnections)
	read.SetMaxIdleConns(readConnections)
	return write, read, nil
}

// useWAL has the file keep a write-ahead log. SQLite does not wait, whatever busy_timeout
// says, for another process that is doing the same or that is closing the file.
func useWAL(ctx context.Context, db *sql.DB) error {
	for deadline := time.Now().Add(busyTimeout); ; {
		_, err := db.ExecContext(ctx, `PRAGMA journal_mode = WAL`)
		var refused *driver.Error
		if !errors.As(err, &refused) || refused.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		time.Sleep(busyPause)
	}
}

func (s sqlite) dsn(pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append(pragmas, fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "foreign_keys(true)")}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: s.path, RawQuery: q.Encode()}).String()
}

// lock does nothing: transactions begin IMMEDIATE.
func (sqlite) lock(context.Context, *sql.Tx) error { return nil }

// sqliteSchema has the types that SQLite is strict about, and tables that are kept in the
// order of their primary key.
var sqliteSchema = strings.NewReplacer(
	" BYTEA", " BLOB",
	" BIGINT", " INTEGER",
	"\n);", "\n) STRICT, WITHOUT ROWID;",
	"\n) "+wideRows+";", "\n) STRICT;",
)

func (sqlite) schema(migration string) string { return sqliteSchema.Replace(migration) }

func (sqlite) formerVersion(ctx context.Context, tx *sql.Tx) (version int, err error) {
	err = tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version)
	return version, err
}
