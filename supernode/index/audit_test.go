package index

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAuditLogIsReadByPages(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	for i := range 7 {
		require.NoError(t, x.Audit(ctx, AuditEntry{
			Time: int64(1000 + i), Actor: fmt.Sprint("key:", i%2), Action: "private_upload", Object: fmt.Sprint(i), Result: "done",
		}))
	}
	var objects []string
	query := AuditQuery{Limit: 3}
	for {
		page, err := x.AuditLog(ctx, query)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, entry := range page {
			objects = append(objects, entry.Object)
		}
		query.Before = page[len(page)-1].ID
	}
	require.Equal(t, []string{"6", "5", "4", "3", "2", "1", "0"}, objects, "the newest first")

	own, err := x.AuditLog(ctx, AuditQuery{Actor: "key:1", Limit: 10})
	require.NoError(t, err)
	require.Len(t, own, 3)
	none, err := x.AuditLog(ctx, AuditQuery{Action: "key_added", Limit: 10})
	require.NoError(t, err)
	require.Empty(t, none)

	require.NoError(t, x.PruneAudit(ctx, 1005))
	left, err := x.AuditLog(ctx, AuditQuery{Limit: 10})
	require.NoError(t, err)
	require.Len(t, left, 2)
}

func TestAuditFieldsAreBounded(t *testing.T) {
	x := newIndex(t)
	require.NoError(t, x.Audit(context.Background(), AuditEntry{Time: 1, Actor: strings.Repeat("é", 200), Object: "a\x00b\xff"}))
	log, err := x.AuditLog(context.Background(), AuditQuery{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("é", 128), log[0].Actor)
	require.Equal(t, "ab", log[0].Object)
}

func TestLookupsOfIdentityUseIndexes(t *testing.T) {
	x := newIndex(t)
	for _, query := range []string{
		`SELECT * FROM audit WHERE id < 'a' ORDER BY id DESC LIMIT 5`,
		`SELECT * FROM audit WHERE actor = 'a' AND id < 'a' ORDER BY id DESC LIMIT 5`,
		`SELECT * FROM audit WHERE action = 'a' AND id < 'a' ORDER BY id DESC LIMIT 5`,
		`SELECT * FROM quota_usage WHERE account = 'a' AND period >= 5 ORDER BY quota, period LIMIT 5`,
		`DELETE FROM quota_usage WHERE period < 5`,
		`SELECT * FROM consents WHERE sha256 = 'a' ORDER BY source, version LIMIT 5`,
		selectPrivateFile + ` WHERE owner = 'a' AND tag = 'a'`,
		selectPrivateFile + ` WHERE owner = 'a' AND (created, id) < (5, 'a') ORDER BY created DESC, id DESC LIMIT 5`,
		selectPrivateFile + ` WHERE expires <= 5 ORDER BY expires LIMIT 5`,
		selectPrivateAnalysis + ` WHERE owner = 'a' AND (created, id) < (5, 'a') ORDER BY created DESC, id DESC LIMIT 5`,
		selectPrivateAnalysis + ` WHERE file = 'a' AND done > 0 ORDER BY created DESC, id DESC LIMIT 1`,
	} {
		rows, err := x.read.Query(`EXPLAIN QUERY PLAN ` + query)
		require.NoError(t, err, query)
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			require.NotContains(t, detail, "SCAN", query)
			require.NotContains(t, detail, "TEMP B-TREE", query)
		}
		require.NoError(t, rows.Close())
	}
}
