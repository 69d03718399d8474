package index

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations[n] brings a database from user_version n to n+1. Published ones are
// never edited.
var migrations = []string{
	`
CREATE TABLE files (
	sha256           BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
	sha1             BLOB NOT NULL CHECK (length(sha1) = 20),
	md5              BLOB NOT NULL CHECK (length(md5) = 16),
	size             INTEGER NOT NULL,
	type_tag         TEXT NOT NULL,
	first_submission INTEGER NOT NULL,
	last_submission  INTEGER NOT NULL,
	times_submitted  INTEGER NOT NULL,
	unique_sources   INTEGER NOT NULL,
	state            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_sha1 ON files (sha1, first_submission);
CREATE INDEX files_by_md5 ON files (md5, first_submission);

CREATE TABLE names (
	sha256 BLOB NOT NULL REFERENCES files (sha256),
	name   TEXT NOT NULL,
	seen   INTEGER NOT NULL,
	PRIMARY KEY (sha256, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
	sha256 BLOB NOT NULL REFERENCES files (sha256),
	source BLOB NOT NULL,
	PRIMARY KEY (sha256, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE analyses (
	id      TEXT NOT NULL PRIMARY KEY,
	sha256  BLOB NOT NULL REFERENCES files (sha256),
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX analyses_by_sha256 ON analyses (sha256, created);

CREATE TABLE refusals (
	sha256     BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
	reason     TEXT NOT NULL,
	submission BLOB NOT NULL,
	refused    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
	`
CREATE TABLE sightings (
	sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32)
) STRICT, WITHOUT ROWID;
`,
	`
CREATE TABLE feed_entries (
	minute   INTEGER NOT NULL,
	feed     TEXT NOT NULL,
	position INTEGER NOT NULL,
	sha256   BLOB NOT NULL CHECK (length(sha256) = 32),
	round    INTEGER NOT NULL,
	outcome  INTEGER NOT NULL,
	stage    INTEGER NOT NULL,
	PRIMARY KEY (minute, feed, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed_gaps (
	first_minute INTEGER NOT NULL,
	last_minute  INTEGER NOT NULL,
	PRIMARY KEY (first_minute, last_minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed_progress (
	id     INTEGER PRIMARY KEY CHECK (id = 1),
	height INTEGER NOT NULL,
	minute INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
	hash    BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	account TEXT NOT NULL,
	issued  INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_account ON api_keys (account);
CREATE INDEX api_keys_by_expires ON api_keys (expires);

CREATE TABLE lookups (
	day     INTEGER NOT NULL,
	account TEXT NOT NULL,
	used    INTEGER NOT NULL,
	PRIMARY KEY (day, account)
) STRICT, WITHOUT ROWID;
`,
	schemaCommunity,
}

// migrate runs the migrations that the database has not seen, each in its own
// transaction together with the version it reaches.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("schema version %d is newer than this release, which knows %d", version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		statements := fmt.Sprintf("%s\nPRAGMA user_version = %d;", migrations[version], version+1)
		if _, err := tx.ExecContext(ctx, statements); err != nil {
			_ = tx.Rollback()
			return fmt.Errorf("migrate to schema version %d: %w", version+1, err)
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
