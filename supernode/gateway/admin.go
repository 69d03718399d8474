package gateway

import (
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/virusmap/virusmap/supernode/index"
)

// adminRoutes are for keys with the role admin. Each read is in the audit log itself.
func (g *Gateway) adminRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/audit", g.audited(g.getAudit))
	mux.HandleFunc("GET "+base+"/queue", g.audited(g.getQueue))
	mux.HandleFunc("GET "+base+"/keys", g.audited(g.getKeys))
	mux.HandleFunc("DELETE "+base+"/keys/{hash}", g.dropKey)
}

// audited answers what an admin reads when it is written down that he does.
func (g *Gateway) audited(answer func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := g.audit(r, actionAdminRead, r.URL.Path, resultDone)
		if err == nil {
			err = answer(w, r)
		}
		if err != nil {
			g.failWith(w, r, err)
		}
	}
}

// auditAttributes are an entry without its id, which the object has: vt-py refuses attributes
// of that name.
type auditAttributes struct {
	index.AuditEntry
	ID struct{} `json:"id,omitzero"` // in place of the entry's
}

// getAudit lists the audit log, the newest first, with limit and cursor; actor or action
// select.
func (g *Gateway) getAudit(w http.ResponseWriter, r *http.Request) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	query := index.AuditQuery{
		Actor: r.URL.Query().Get("actor"), Action: r.URL.Query().Get("action"), Before: p.cursor, Limit: p.limit + 1,
	}
	if query.Actor != "" && query.Action != "" {
		return invalidArgument("action: cannot be selected together with actor")
	}
	entries, err := g.deps.Index.AuditLog(r.Context(), query)
	if err != nil {
		return err
	}
	next := ""
	if len(entries) > p.limit {
		entries = entries[:p.limit]
		next = entries[p.limit-1].ID
	}
	items := make([]object, len(entries))
	for i, entry := range entries {
		items[i] = object{Type: "audit_entry", ID: entry.ID, Attributes: auditAttributes{AuditEntry: entry}}
	}
	g.respondList(w, r, items, next, nil)
	return nil
}

// queueAttributes tell how many submissions wait.
type queueAttributes struct {
	Submissions map[channel]uint64 `json:"submissions"` // by channel
	// Private is how many scans of the private lane wait; absent where there is none.
	Private *uint64 `json:"private,omitempty"`
}

func (g *Gateway) getQueue(w http.ResponseWriter, r *http.Request) error {
	attributes := queueAttributes{Submissions: make(map[channel]uint64)}
	for _, through := range channels {
		for _, subject := range through.subjects() {
			depth, err := g.deps.Queue.Depth(r.Context(), subject)
			if err != nil {
				return err
			}
			attributes.Submissions[through] += depth
		}
	}
	if g.PrivateLane() {
		depth, err := g.deps.Queue.Depth(r.Context(), g.privateSubject())
		if err != nil {
			return err
		}
		attributes.Private = &depth
	}
	respond(w, r, object{Type: "queue", ID: "submissions", Links: map[string]string{"self": g.link(r, "queue")}, Attributes: attributes}, nil)
	return nil
}

// getKeys lists the keys that wallets authorised, by their hash.
func (g *Gateway) getKeys(w http.ResponseWriter, r *http.Request) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	after, err := hex.DecodeString(p.cursor)
	if err != nil {
		return invalidArgument("cursor: %.80q is not one that was given out", p.cursor)
	}
	keys, err := g.deps.Index.APIKeys(r.Context(), after, p.limit+1)
	if err != nil {
		return err
	}
	next := ""
	if len(keys) > p.limit {
		keys = keys[:p.limit]
		next = hex.EncodeToString(keys[p.limit-1].Hash[:])
	}
	items := make([]object, len(keys))
	for i, key := range keys {
		items[i] = object{
			Type: "api_key", ID: hex.EncodeToString(key.Hash[:]),
			Attributes: keyAttributes{Account: key.Account, Issued: key.Issued, Expires: key.Expires},
		}
	}
	g.respondList(w, r, items, next, nil)
	return nil
}

// dropKey drops the key of an account here.
func (g *Gateway) dropKey(w http.ResponseWriter, r *http.Request) {
	hash, err := hex.DecodeString(r.PathValue("hash"))
	if err != nil || len(hash) != 32 {
		fail(w, r, invalidArgument("%.80q is not the SHA-256 of a key in hex", r.PathValue("hash")))
		return
	}
	entry := g.entry(r, actionKeyDeleted, hex.EncodeToString(hash), resultDone)
	err = g.deps.Index.DropAPIKey(r.Context(), [32]byte(hash), entry)
	if errors.Is(err, index.ErrNotFound) {
		err = notFound("no account has a key of that hash here")
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, object{Type: "api_key", ID: hex.EncodeToString(hash)}, nil)
}
