package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// migrations[n] brings a database from schema version n to n+1. Published ones are
// never edited. They say BYTEA, BIGINT and TEXT, and end a table by a line with ");".
var migrations = []string{
	schemaFiles,
	schemaSightings,
	schemaFeedsAndKeys,
	schemaProgress + schemaSamples + schemaReports + schemaCounts + schemaSearch,
	schemaConsents,
	schemaUsage,
	schemaAudit,
	schemaPrivate,
	schemaURLs,
	schemaFetched,
	schemaCommunity,
	schemaSubmissions,
	schemaDetails,
	schemaCertificates,
}

// wideRows stands between ")" and ";" of a table whose rows may have more than some
// hundred bytes. SQLite finds those faster when it keeps them apart from the primary key.
const wideRows = "/* wide rows */"

// schemaFiles is of submission.go, file.go and refusal.go.
const schemaFiles = `
CREATE TABLE files (
	sha256           BYTEA NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
	sha1             BYTEA NOT NULL CHECK (length(sha1) = 20),
	md5              BYTEA NOT NULL CHECK (length(md5) = 16),
	size             BIGINT NOT NULL,
	type_tag         TEXT NOT NULL,
	first_submission BIGINT NOT NULL,
	last_submission  BIGINT NOT NULL,
	times_submitted  BIGINT NOT NULL,
	unique_sources   BIGINT NOT NULL,
	state            BIGINT NOT NULL
);
CREATE INDEX files_by_sha1 ON files (sha1, first_submission);
CREATE INDEX files_by_md5 ON files (md5, first_submission);

CREATE TABLE names (
	sha256 BYTEA NOT NULL REFERENCES files (sha256),
	name   TEXT NOT NULL,
	seen   BIGINT NOT NULL,
	PRIMARY KEY (sha256, name)
);

CREATE TABLE sources (
	sha256 BYTEA NOT NULL REFERENCES files (sha256),
	source BYTEA NOT NULL,
	PRIMARY KEY (sha256, source)
);

CREATE TABLE analyses (
	id      TEXT NOT NULL PRIMARY KEY,
	sha256  BYTEA NOT NULL REFERENCES files (sha256),
	created BIGINT NOT NULL
);
CREATE INDEX analyses_by_sha256 ON analyses (sha256, created);

CREATE TABLE refusals (
	sha256     BYTEA NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
	reason     TEXT NOT NULL,
	submission BYTEA NOT NULL,
	refused    BIGINT NOT NULL
);
`

// schemaSightings is of sighting.go.
const schemaSightings = `
CREATE TABLE sightings (
	sha256 BYTEA NOT NULL PRIMARY KEY CHECK (length(sha256) = 32)
);
`

// schemaFeedsAndKeys is of feed.go, apikey.go and quota.go.
const schemaFeedsAndKeys = `
CREATE TABLE feed_entries (
	minute   BIGINT NOT NULL,
	feed     TEXT NOT NULL,
	position BIGINT NOT NULL,
	sha256   BYTEA NOT NULL CHECK (length(sha256) = 32),
	round    BIGINT NOT NULL,
	outcome  BIGINT NOT NULL,
	stage    BIGINT NOT NULL,
	PRIMARY KEY (minute, feed, position)
);

CREATE TABLE feed_gaps (
	first_minute BIGINT NOT NULL,
	last_minute  BIGINT NOT NULL,
	PRIMARY KEY (first_minute, last_minute)
);

CREATE TABLE feed_progress (
	id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	height BIGINT NOT NULL,
	minute BIGINT NOT NULL
);

CREATE TABLE api_keys (
	hash    BYTEA NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	account TEXT NOT NULL,
	issued  BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX api_keys_by_account ON api_keys (account);
CREATE INDEX api_keys_by_expires ON api_keys (expires);

CREATE TABLE lookups (
	day     BIGINT NOT NULL,
	account TEXT NOT NULL,
	used    BIGINT NOT NULL,
	PRIMARY KEY (day, account)
);
`

// migrate runs the migrations that the database has not seen, each in its own
// transaction together with the version it reaches.
func (x *Index) migrate(ctx context.Context) error {
	for done := false; !done; {
		err := x.inTx(ctx, func(tx *sql.Tx) error {
			version, err := x.schemaVersion(ctx, tx)
			if err != nil {
				return err
			}
			if version > len(migrations) {
				return fmt.Errorf("schema version %d is newer than this release, which knows %d", version, len(migrations))
			}
			if done = version == len(migrations); done {
				return nil
			}
			if _, err := tx.ExecContext(ctx, x.kind.schema(migrations[version])); err != nil {
				return fmt.Errorf("migrate to schema version %d: %w", version+1, err)
			}
			_, err = tx.ExecContext(ctx, `UPDATE schema_version SET version = $1 WHERE id = 1`, version+1)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// schemaVersion is how many migrations the database has seen.
func (x *Index) schemaVersion(ctx context.Context, tx *sql.Tx) (version int, err error) {
	if _, err := tx.ExecContext(ctx, x.kind.schema(createSchemaVersion)); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT version FROM schema_version WHERE id = 1`).Scan(&version)
	if !errors.Is(err, sql.ErrNoRows) {
		return version, err
	}
	if version, err = x.kind.formerVersion(ctx, tx); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO schema_version (id, version) VALUES (1, $1)`, version)
	return version, err
}

const createSchemaVersion = `
CREATE TABLE IF NOT EXISTS schema_version (
	id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	version BIGINT NOT NULL
);
`
