package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
)

// auditLog reads the log as an admin does.
func (n *node) auditLog(t *testing.T, query string) (entries []index.AuditEntry, next string) {
	t.Helper()
	a := n.send(t, http.MethodGet, "/api/v3/audit?"+query, keyOf("admin"))
	require.Equal(t, 200, a.Status, string(a.Raw))
	var items []struct {
		Type       string           `json:"type"`
		Attributes index.AuditEntry `json:"attributes"`
	}
	require.NoError(t, json.Unmarshal(a.Data, &items))
	for _, item := range items {
		require.Equal(t, "audit_entry", item.Type)
		entries = append(entries, item.Attributes)
	}
	next, _ = a.Meta["cursor"].(string)
	return entries, next
}

func TestAuditLogTellsOfKeysAndReads(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { roleKeys(cfg, nil) })
	w := newWallet("alpha")
	key := f.authorise(t, w)
	f.send(t, http.MethodDelete, keysPath, key).resource(t)

	entries, next := f.auditLog(t, "limit=2")
	require.Equal(t, actionAdminRead, entries[0].Action)
	require.Equal(t, "key:team admin", entries[0].Actor)
	require.Equal(t, actionKeyDeleted, entries[1].Action)
	require.Equal(t, w.account, entries[1].Actor)
	require.NotEmpty(t, entries[1].Address)
	require.NotContains(t, entries[1].Address, "127.0.0.1")
	older, next := f.auditLog(t, "limit=2&cursor="+next)
	require.Equal(t, actionKeyAdded, older[0].Action)
	require.Empty(t, next)
	own, _ := f.auditLog(t, "actor="+w.account)
	require.Len(t, own, 2)
	added, _ := f.auditLog(t, "action="+actionKeyAdded)
	require.Len(t, added, 1)

	a := f.send(t, http.MethodGet, "/api/v3/audit?limit=40", keyOf("admin"))
	require.NotContains(t, string(a.Raw), key, "no secrets")
	require.Equal(t, 400, f.send(t, http.MethodGet, "/api/v3/audit?actor=a&action=b", keyOf("admin")).Status)
}

// What a wallet signed is its account's doing, with or without a key.
func TestAuditLogTellsOfDeletions(t *testing.T) {
	n := startNode(t, roleKeys)
	w := newWallet("alpha")
	n.upload(t, file("content"))
	item := community.Item{Type: "file", ID: hexOf("content")}
	comment := n.post(t, "/ui/files/"+item.ID+"/comments",
		n.sign(t, w, community.CommentStatement(chainID, item, "text"), `{"attributes":{"text":"text"}}`)).resource(t)
	refused := n.sendJSON(t, http.MethodDelete, "/ui/comments/"+comment.ID, n.sign(t, newWallet("beta"), community.DeleteCommentStatement(chainID, comment.ID), ""))
	require.Equal(t, 403, refused.Status)
	gone := n.sendJSON(t, http.MethodDelete, "/ui/comments/"+comment.ID, n.sign(t, w, community.DeleteCommentStatement(chainID, comment.ID), ""))
	require.Equal(t, 200, gone.Status, string(gone.Raw))
	collection := n.post(t, collectionsPath, collectionBody("first", "a.example.com")).resource(t)
	require.Equal(t, 200, n.sendJSON(t, http.MethodDelete, collectionsPath+"/"+collection.ID, "").Status)

	entries, _ := n.auditLog(t, "action="+actionCommentDelete)
	require.Len(t, entries, 1, "a refusal deletes nothing")
	require.Equal(t, comment.ID, entries[0].Object)
	require.Equal(t, w.account, entries[0].Actor)
	entries, _ = n.auditLog(t, "action="+actionCollectionDelete)
	require.Len(t, entries, 1)
	require.Equal(t, collection.ID, entries[0].Object)
	require.NotEqual(t, anonymous, entries[0].Actor)
}

// A thousand wrong keys are one row for the minute.
func TestWrongKeysAreCountedByTheMinute(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { roleKeys(cfg, nil) })
	for range 30 {
		require.Equal(t, 401, f.getAs(t, "nobody-has-this-key", "/api/v3/files/"+hexOf("a")).Status)
	}
	entries, _ := f.auditLog(t, "action="+actionWrongKey)
	require.Empty(t, entries)
	f.clock.set(f.clock.Now().Add(time.Minute))
	require.Equal(t, 401, f.getAs(t, "short", "/api/v3/files/"+hexOf("a")).Status)
	entries, _ = f.auditLog(t, "action="+actionWrongKey)
	require.Len(t, entries, 1)
	require.Equal(t, "30 in this minute", entries[0].Object)

	f.noteTally(t.Context(), true)
	entries, _ = f.auditLog(t, "action="+actionWrongKey)
	require.Len(t, entries, 2, "the last minute is written down at the end")
}

func TestAdminSeesQueuesAndKeys(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { roleKeys(cfg, nil) })
	f.upload(t, file("content")).resource(t)
	queue := f.send(t, http.MethodGet, "/api/v3/queue", keyOf("admin")).resource(t)
	waiting := queue.Attributes["submissions"].(map[string]any)
	require.EqualValues(t, 1, waiting["api"])
	require.EqualValues(t, 0, waiting["web"])

	var keys []string
	for i := range 3 {
		keys = append(keys, f.authorise(t, newWallet(fmt.Sprint("wallet ", i))))
	}
	var seen []resource
	cursor := ""
	for range 2 {
		a := f.send(t, http.MethodGet, "/api/v3/keys?limit=2&cursor="+cursor, keyOf("admin"))
		require.Equal(t, 200, a.Status)
		var page []resource
		require.NoError(t, json.Unmarshal(a.Data, &page))
		seen = append(seen, page...)
		cursor, _ = a.Meta["cursor"].(string)
	}
	require.Len(t, seen, 3)
	require.Empty(t, cursor)

	for _, r := range seen {
		f.send(t, http.MethodDelete, "/api/v3/keys/"+r.ID, keyOf("admin")).resource(t)
	}
	require.Equal(t, 404, f.send(t, http.MethodDelete, "/api/v3/keys/"+seen[0].ID, keyOf("admin")).Status)
	require.Equal(t, 400, f.send(t, http.MethodDelete, "/api/v3/keys/abc", keyOf("admin")).Status)
	for _, key := range keys {
		require.Equal(t, 401, f.getAs(t, key, "/api/v3/files/"+hexOf("a")).Status)
	}
	deleted, _ := f.auditLog(t, "action="+actionKeyDeleted)
	require.Len(t, deleted, 3)
	require.True(t, strings.HasPrefix(deleted[0].Actor, "key:"))
}
