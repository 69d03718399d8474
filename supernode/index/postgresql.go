package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// poolConnections bounds the connections to a PostgreSQL server, which has 100 by default.
const poolConnections = 16

// writeLock is the advisory lock of those who write to an index: "virusmap" in ASCII.
const writeLock = 0x76697275736d6170

// postgreSQL is a database of a server; its tables are in the first schema of search_path.
type postgreSQL struct{ config *pgx.ConnConfig }

func parsePostgreSQL(address string) (database, error) {
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return nil, errors.New("url: must begin with postgres:// or be empty")
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err) // pgx leaves the password out
	}
	return postgreSQL{config}, nil
}

func (p postgreSQL) String() string {
	return fmt.Sprintf("postgres://%s:%d/%s", p.config.Host, p.config.Port, p.config.Database)
}

func (p postgreSQL) open(ctx context.Context) (write, read *sql.DB, err error) {
	db := stdlib.OpenDB(*p.config)
	db.SetMaxOpenConns(poolConnections)
	db.SetMaxIdleConns(poolConnections)
	var encoding string
	if err := db.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return db, nil, err
	}
	if encoding != "UTF8" {
		return db, nil, fmt.Errorf("the database has encoding %s; create it with ENCODING 'UTF8'", encoding)
	}
	return db, db, nil
}

func (postgreSQL) lock(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(writeLock))
	return err
}

// postgresqlSchema compares text by its bytes, as SQLite does.
var postgresqlSchema = strings.NewReplacer(
	" TEXT", ` TEXT COLLATE "C"`,
	"\n) "+wideRows+";", "\n);",
)

func (postgreSQL) schema(migration string) string { return postgresqlSchema.Replace(migration) }

func (postgreSQL) formerVersion(context.Context, *sql.Tx) (int, error) { return 0, nil }
