package index

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// schemaAudit is append-only but for what is older than the operator keeps it.
const schemaAudit = `
CREATE TABLE audit (
	id      TEXT NOT NULL PRIMARY KEY,
	time    BIGINT NOT NULL,
	actor   TEXT NOT NULL,
	action  TEXT NOT NULL,
	object  TEXT NOT NULL,
	address TEXT NOT NULL,
	result  TEXT NOT NULL
);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_action ON audit (action, id);
`

const (
	// maxAuditField bounds each text of an entry in bytes.
	maxAuditField = 256
	// MaxAuditPage bounds what AuditLog answers at once.
	MaxAuditPage = 1000
)

// AuditEntry is something that was done or tried. It has no secrets.
type AuditEntry struct {
	// ID grows with time; the index makes it.
	ID     string `json:"id"`
	Time   int64  `json:"time"` // unix seconds
	Actor  string `json:"actor"`
	Action string `json:"action"`
	Object string `json:"object,omitempty"`
	// Address is a pseudonym of the network address.
	Address string `json:"address,omitempty"`
	Result  string `json:"result"`
}

// Audit appends an entry.
func (x *Index) Audit(ctx context.Context, entry AuditEntry) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error { return addAuditEntry(ctx, tx, entry) })
	if err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}

// addAuditEntry is for whoever writes what an entry tells of in the same transaction.
func addAuditEntry(ctx context.Context, tx *sql.Tx, e AuditEntry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (id, time, actor, action, object, address, result) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		auditID(e.Time)+randomSuffix(6), e.Time, auditField(e.Actor), auditField(e.Action), auditField(e.Object), auditField(e.Address),
		auditField(e.Result))
	return err
}

// auditID orders entries by their time, and by the clock within a second.
func auditID(seconds int64) string {
	return fmt.Sprintf("%010x%08x", seconds, time.Now().Nanosecond())
}

func randomSuffix(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random) // ends the process rather than fail
	return hex.EncodeToString(random)
}

func auditField(text string) string {
	text = strings.ReplaceAll(text, "\x00", "")
	return strings.ToValidUTF8(text[:min(len(text), maxAuditField)], "")
}

// AuditQuery selects entries; empty fields select all.
type AuditQuery struct {
	Actor, Action string // at most one of them
	// Before is the ID after whose entry, which is older, to go on.
	Before string
	Limit  int // 1..MaxAuditPage
}

// AuditLog lists entries, the newest first.
func (x *Index) AuditLog(ctx context.Context, q AuditQuery) ([]AuditEntry, error) {
	before := q.Before
	if before == "" {
		before = "g" // after every digit
	}
	limit := min(max(q.Limit, 1), MaxAuditPage)
	query, arguments := `SELECT id, time, actor, action, object, address, result FROM audit
		WHERE id < $1 ORDER BY id DESC LIMIT $2`, []any{before, limit}
	switch {
	case q.Actor != "":
		query, arguments = `SELECT id, time, actor, action, object, address, result FROM audit
			WHERE actor = $3 AND id < $1 ORDER BY id DESC LIMIT $2`, append(arguments, q.Actor)
	case q.Action != "":
		query, arguments = `SELECT id, time, actor, action, object, address, result FROM audit
			WHERE action = $3 AND id < $1 ORDER BY id DESC LIMIT $2`, append(arguments, q.Action)
	}
	rows, err := x.read.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	defer rows.Close()
	var all []AuditEntry
	for rows.Next() {
		var e AuditEntry
		if err := rows.Scan(&e.ID, &e.Time, &e.Actor, &e.Action, &e.Object, &e.Address, &e.Result); err != nil {
			return nil, fmt.Errorf("read audit log: %w", err)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// PruneAudit forgets entries from before a time in unix seconds.
func (x *Index) PruneAudit(ctx context.Context, before int64) error {
	return x.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE id < $1`, fmt.Sprintf("%010x", before))
		return err
	})
}
