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
