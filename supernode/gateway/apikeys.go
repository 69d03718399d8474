package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/virusmap/virusmap/supernode/index"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	// nodeBase is where the supernode's own API begins.
	nodeBase = "/virusmap/node/v1"

	maxKeyRequestBytes = 8 << 10
	// keysPerSecond and keysBurst bound the statements of all clients together: anybody may
	// send them, and each costs a signature check.
	keysPerSecond = 10
	keysBurst     = 100
)

// keyRequest is a statement of x/market with what proves it; bytes are in base64.
type keyRequest struct {
	Statement string `json:"statement"`
	PubKey    []byte `json:"pub_key"`
	Signature []byte `json:"signature"`
}

// keyAttributes tell of an API key; times are unix seconds.
type keyAttributes struct {
	Account string `json:"account"`
	Issued  int64  `json:"issued"`
	Expires int64  `json:"expires"`
}

func (g *Gateway) keyRoutes(mux *routeTable) {
	mux.HandleFunc("POST "+nodeBase+"/keys", g.postKey)
	mux.HandleFunc("DELETE "+nodeBase+"/keys", g.deleteKey)
}

// postKey takes a key that a wallet authorised for its account. Nobody but the wallet has
// seen the key itself.
func (g *Gateway) postKey(w http.ResponseWriter, r *http.Request) {
	// One address must not use up what all may have checked.
	err := spendTokens(w, g.visitors.at(siteOf(addressOf(r, g.visitors.proxies))).lookups, 1)
	if err == nil && !g.statements.Allow() {
		err = tooManyRequests(1)
	}
	var key index.APIKey
	if err == nil {
		key, err = g.verifyKey(w, r)
	}
	if err == nil {
		err = g.deps.Index.AddAPIKey(r.Context(), key, g.now().Unix(), g.keyEntry(r, actionKeyAdded, key))
	}
	switch {
	case errors.Is(err, index.ErrForeignKey):
		err = alreadyExists("the key is authorised by another account")
	case errors.Is(err, index.ErrTooManyKeys):
		err = quotaExceeded(0, "the account has as many keys as it may; delete one that is not needed")
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	g.respondKey(w, r, key)
}

func (g *Gateway) verifyKey(w http.ResponseWriter, r *http.Request) (index.APIKey, error) {
	request, err := readKeyRequest(http.MaxBytesReader(w, r.Body, maxKeyRequestBytes))
	if err != nil {
		return index.APIKey{}, err
	}
	statement, err := markettypes.Verify(request.Statement, request.PubKey, request.Signature, g.now())
	if err != nil {
		return index.APIKey{}, badRequest("statement: %s", err)
	}
	if statement.ChainID != g.cfg.ChainID {
		return index.APIKey{}, badRequest("statement: it is for chain %q, this is %q", statement.ChainID, g.cfg.ChainID)
	}
	if g.keys.byHash[statement.KeyHash] != nil {
		return index.APIKey{}, alreadyExists("the key is one of this supernode's own")
	}
	rights, err := g.rightsOf(r.Context(), statement.Account)
	if err != nil {
		return index.APIKey{}, err
	}
	if rights.revoked(statement.Issued.Unix()) {
		return index.APIKey{}, badRequest("statement: the account revoked what it had issued until then")
	}
	return index.APIKey{
		Hash: statement.KeyHash, Account: statement.Account,
		Issued: statement.Issued.Unix(), Expires: statement.Expires.Unix(),
	}, nil
}

// readKeyRequest reads exactly one JSON object of known fields.
func readKeyRequest(body io.Reader) (keyRequest, error) {
	var request keyRequest
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&request)
	if err == nil {
		if _, end := decoder.Token(); end != io.EOF {
			err = errors.New("more than one JSON value")
			if errors.As(end, new(*http.MaxBytesError)) {
				err = end
			}
		}
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return request, &apiError{Code: "BadRequestError", Message: "body: larger than 8192 bytes", status: http.StatusRequestEntityTooLarge}
	case err != nil:
		return request, badRequest("body: want {statement, pub_key, signature}: %.200s", err)
	}
	return request, nil
}

// deleteKey drops the key that the request has. Where it was authorised besides here, its
// account has to revoke it on chain.
func (g *Gateway) deleteKey(w http.ResponseWriter, r *http.Request) {
	given := r.Header.Get("X-Apikey")
	if given == "" {
		fail(w, r, errNoKey)
		return
	}
	key, err := g.deps.Index.APIKey(r.Context(), sha256.Sum256([]byte(given)))
	if err == nil {
		err = g.deps.Index.DropAPIKey(r.Context(), key.Hash, g.keyEntry(r, actionKeyDeleted, key))
	}
	if errors.Is(err, index.ErrNotFound) {
		err = errWrongKey
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	g.respondKey(w, r, key)
}

// keyEntry tells the audit log of a key, whose account did it.
func (g *Gateway) keyEntry(r *http.Request, action string, key index.APIKey) index.AuditEntry {
	entry := g.entry(r, action, hex.EncodeToString(key.Hash[:]), resultDone)
	entry.Actor = key.Account
	return entry
}

func (g *Gateway) respondKey(w http.ResponseWriter, r *http.Request, key index.APIKey) {
	respond(w, r, object{
		Type:       "api_key",
		ID:         hex.EncodeToString(key.Hash[:]),
		Links:      map[string]string{"self": g.base(r) + nodeBase + "/keys"},
		Attributes: keyAttributes{Account: key.Account, Issued: key.Issued, Expires: key.Expires},
	}, nil)
}
