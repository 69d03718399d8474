package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
)

// schemaPrivate holds what was sent on the private lane. What could tell of a content, even
// its hash and its name, is in columns that only the supernode's own identity opens; names
// and owners are looked up by keyed hashes.
const schemaPrivate = `
CREATE TABLE private_files (
	id      TEXT NOT NULL PRIMARY KEY,
	owner   BYTEA NOT NULL,
	tag     BYTEA NOT NULL,
	size    BIGINT NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	sealed  BYTEA NOT NULL
);
CREATE UNIQUE INDEX private_files_by_tag ON private_files (owner, tag);
CREATE INDEX private_files_by_owner ON private_files (owner, created, id);
CREATE INDEX private_files_by_expires ON private_files (expires);

CREATE TABLE private_analyses (
	id      TEXT NOT NULL PRIMARY KEY,
	file    TEXT NOT NULL REFERENCES private_files (id),
	owner   BYTEA NOT NULL,
	created BIGINT NOT NULL,
	done    BIGINT NOT NULL,
	sealed  BYTEA NOT NULL
);
CREATE INDEX private_analyses_by_done ON private_analyses (done, created);
CREATE INDEX private_analyses_by_file ON private_analyses (file, created, id);
CREATE INDEX private_analyses_by_owner ON private_analyses (owner, created, id);
`

// ErrTooMuchPrivate is returned when the private lane has no room left.
var ErrTooMuchPrivate = errors.New("the private lane is full")

// PrivateFile is one file of one owner.
type PrivateFile struct {
	ID      string // names the content on disk
	Owner   []byte // keyed hash of who sent it
	Tag     []byte // keyed hash of the content's SHA-256
	Size    int64  // bytes
	Created int64  // unix seconds
	Expires int64  // unix seconds
	Sealed  []byte
}

// PrivateAnalysis is one scan of a private file.
type PrivateAnalysis struct {
	ID      string
	File    string // the ID of its PrivateFile
	Owner   []byte
	Created int64  // unix seconds
	Done    int64  // unix seconds; 0 while it waits
	Sealed  []byte // empty while it waits
}

// PrivateRoom bounds what the private lane holds.
type PrivateRoom struct {
	Bytes         int64 // of all files
	FilesPerOwner int64
}

// AddPrivateFile stores a file with its first analysis, or a new analysis of the one that
// the owner has of the same content, whose record it answers and whose time begins anew.
// Errors: ErrTooMuchPrivate. The entry goes into the audit log with it.
func (x *Index) AddPrivateFile(ctx context.Context, f PrivateFile, a PrivateAnalysis, room PrivateRoom, entry AuditEntry) (stored PrivateFile, err error) {
	err = x.inTx(ctx, func(tx *sql.Tx) error {
		stored, err = scanPrivateFile(tx.QueryRowContext(ctx, selectPrivateFile+` WHERE owner = $1 AND tag = $2`, f.Owner, f.Tag))
		switch {
		case err == nil:
			stored.Expires = f.Expires
			_, err = tx.ExecContext(ctx, `UPDATE private_files SET expires = $2 WHERE id = $1`, stored.ID, f.Expires)
		case errors.Is(err, ErrNotFound):
			stored = f
			err = insertPrivateFile(ctx, tx, f, room)
		}
		if err != nil {
			return err
		}
		a.File = stored.ID
		if err := insertPrivateAnalysis(ctx, tx, a); err != nil {
			return err
		}
		return addAuditEntry(ctx, tx, entry)
	})
	if err != nil {
		return PrivateFile{}, fmt.Errorf("store private file: %w", err)
	}
	return stored, nil
}

func insertPrivateFile(ctx context.Context, tx *sql.Tx, f PrivateFile, room PrivateRoom) error {
	var bytes, files int64
	if err := tx.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM private_files`).Scan(&bytes); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM private_files WHERE owner = $1`, f.Owner).Scan(&files); err != nil {
		return err
	}
	if bytes+f.Size > room.Bytes {
		return fmt.Errorf("%w: %d of %d bytes are taken", ErrTooMuchPrivate, bytes, room.Bytes)
	}
	if files >= room.FilesPerOwner {
		return fmt.Errorf("%w: its owner has %d files already", ErrTooMuchPrivate, files)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO private_files (id, owner, tag, size, created, expires, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		f.ID, f.Owner, f.Tag, f.Size, f.Created, f.Expires, f.Sealed)
	return err
}

// maxPrivateAnalyses of a file are kept; the oldest go first.
const maxPrivateAnalyses = 32

func insertPrivateAnalysis(ctx context.Context, tx *sql.Tx, a PrivateAnalysis) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO private_analyses (id, file, owner, created, done, sealed) VALUES ($1, $2, $3, $4, 0, $5)`,
		a.ID, a.File, a.Owner, a.Created, []byte{}); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM private_analyses WHERE id IN (
		SELECT id FROM private_analyses WHERE file = $1 ORDER BY created DESC, id DESC LIMIT 1000 OFFSET $2)`, a.File, maxPrivateAnalyses)
	return err
}

// AddPrivateAnalysis stores that a file is to be scanned again.
func (x *Index) AddPrivateAnalysis(ctx context.Context, a PrivateAnalysis) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error { return insertPrivateAnalysis(ctx, tx, a) })
	if err != nil {
		return fmt.Errorf("store private analysis: %w", err)
	}
	return nil
}

// FinishPrivateAnalysis stores the sealed results of a scan. One that was dropped meanwhile
// stays away.
func (x *Index) FinishPrivateAnalysis(ctx context.Context, id string, done int64, sealed []byte) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE private_analyses SET done = $2, sealed = $3 WHERE id = $1`, id, done, sealed)
		return err
	})
	if err != nil {
		return fmt.Errorf("store private results: %w", err)
	}
	return nil
}

// DropPrivateFile forgets a file and its analyses. Errors: ErrNotFound. The entry goes into
// the audit log with it.
func (x *Index) DropPrivateFile(ctx context.Context, id string, entry AuditEntry) error {
	return x.dropPrivateFile(ctx, id, math.MaxInt64, entry)
}

// DropExpiredPrivateFile forgets a file unless its time goes on after that of the entry: who
// sends a file once more gets new time for it. Errors: ErrNotFound, also for such a file.
func (x *Index) DropExpiredPrivateFile(ctx context.Context, id string, entry AuditEntry) error {
	return x.dropPrivateFile(ctx, id, entry.Time, entry)
}

func (x *Index) dropPrivateFile(ctx context.Context, id string, expired int64, entry AuditEntry) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM private_analyses WHERE file = $1`, id); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM private_files WHERE id = $1 AND expires <= $2`, id, expired)
		if err != nil {
			return err
		}
		if err := affected(result); err != nil {
			return err
		}
		return addAuditEntry(ctx, tx, entry)
	})
	if err != nil {
		return fmt.Errorf("drop private file: %w", err)
	}
	return nil
}
