package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"

	"github.com/virusmap/virusmap/supernode/index"
)

// Actions of the audit log.
const (
	actionKeyAdded         = "key_added"
	actionCommentDelete    = "comment_delete"
	actionCollectionDelete = "collection_delete"
	actionKeyDeleted       = "key_deleted"
	actionNoConsent        = "consent_missing"
	actionPrivateUpload    = "private_upload"
	actionPrivateDelete    = "private_delete"
	actionAdminRead        = "admin_read"
	actionQuotaExceeded    = "quota_exceeded"
	actionWrongKey         = "authentication_failed"
)

// Results of the audit log.
const (
	resultDone    = "done"
	resultRefused = "refused"
)

// anonymous is the actor of a request without a key.
const anonymous = "anonymous"

// entry is what the audit log will say of a request.
func (g *Gateway) entry(r *http.Request, action, object, result string) index.AuditEntry {
	actor := anonymous
	if c := clientIn(r); c != nil {
		actor = c.actor()
	}
	return index.AuditEntry{
		Time: g.now().Unix(), Actor: actor, Action: action, Object: object, Address: g.pseudonym(r), Result: result,
	}
}

// audit writes what is about to be done, which must not be done when this fails.
func (g *Gateway) audit(r *http.Request, action, object, result string) error {
	return g.deps.Index.Audit(r.Context(), g.entry(r, action, object, result))
}

// auditBy is audit of what an author does, whom a wallet may have proven instead of a key.
func (g *Gateway) auditBy(r *http.Request, by author, action, object string) error {
	entry := g.entry(r, action, object, resultDone)
	if by.signed.Statement != "" {
		entry.Actor = by.name
	}
	return g.deps.Index.Audit(r.Context(), entry)
}

// actor is the account of a key, or the name of a configured one.
func (c *client) actor() string {
	if c.account != "" {
		return c.account
	}
	return "key:" + c.name
}

// pseudonym stands for the network address of a client: the same one for the same address
// on this supernode, of which the address cannot be told.
func (g *Gateway) pseudonym(r *http.Request) string {
	mac := hmac.New(sha256.New, g.addressSecret)
	mac.Write([]byte("virusmap/audit-address/v1 " + addressOf(r, g.visitors.proxies).String()))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// tally counts what anybody can make happen, by the minute: a row of the audit log for each
// would let anybody fill it.
type tally struct {
	mu     sync.Mutex
	minute int64
	counts map[string]int // by action
}

// count counts an action, and writes down the minute before when it has ended.
func (g *Gateway) count(ctx context.Context, action string) {
	g.noteTally(ctx, false)
	g.tally.mu.Lock()
	defer g.tally.mu.Unlock()
	if g.tally.counts == nil {
		g.tally.counts = make(map[string]int)
	}
	g.tally.minute = g.now().Unix() / 60
	g.tally.counts[action]++
}

// noteTally writes down a minute that has ended, or the running one too.
func (g *Gateway) noteTally(ctx context.Context, running bool) {
	g.tally.mu.Lock()
	minute := g.tally.minute
	var counts map[string]int
	if running || minute != g.now().Unix()/60 {
		counts, g.tally.counts = g.tally.counts, nil
	}
	g.tally.mu.Unlock()
	for action, count := range counts {
		err := g.deps.Index.Audit(context.WithoutCancel(ctx), index.AuditEntry{
			Time: minute * 60, Actor: anonymous, Action: action, Object: fmt.Sprintf("%d in this minute", count), Result: resultRefused,
		})
		if err != nil {
			g.log.Error("a minute is not in the audit log", "action", action, "count", count, "error", err)
		}
	}
}
