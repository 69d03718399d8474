package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/virusmap/virusmap/supernode/index"
)

const (
	// sourceBytes is how much of a hash tells submitters apart.
	sourceBytes = 16
	// freeAccounts bounds the accounts without a plan whose allowances are remembered.
	freeAccounts = 65_536
)

// client is who sent a request. Of the key only its hash was looked at.
type client struct {
	source  []byte
	limiter *rate.Limiter // nil means no limit
	role    role
	name    string // of a key of the configuration
	// account whose wallet authorised the key, empty for a key of the configuration; then
	// rights is nil.
	account string
	rights  *rights
}

// apiKeys finds keys by their hash, so that the time of a look-up tells nothing about
// how much of a key was guessed.
type apiKeys struct {
	byHash map[[sha256.Size]byte]*client
	// free are the allowances of accounts without a plan.
	free *lru.Cache[string, *rate.Limiter]
}

func newAPIKeys(cfg Config) (*apiKeys, error) {
	configured, err := cfg.keys()
	if err != nil {
		return nil, err
	}
	k := &apiKeys{byHash: make(map[[sha256.Size]byte]*client, len(configured))}
	for _, key := range configured {
		k.byHash[key.hash] = &client{
			source: key.hash[:sourceBytes], limiter: newLimiter(cfg.RequestsPerMinute), role: key.role, name: key.name,
		}
	}
	k.free, err = lru.New[string, *rate.Limiter](freeAccounts)
	return k, err
}

func newLimiter(perMinute int) *rate.Limiter {
	if perMinute == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)
}

type clientContext struct{}

// authenticated lets requests with a known X-Apikey through, within its limits.
func (g *Gateway) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Get("X-Apikey")
		if given == "" {
			fail(w, r, errNoKey)
			return
		}
		c, err := g.clientWith(r.Context(), given)
		if err == nil {
			r = withClient(r, c)
			err = c.allow(r)
		}
		if err == nil {
			err = g.spend(w, r, c)
		}
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// clientWith finds who a key belongs to, and counts those that nobody has.
func (g *Gateway) clientWith(ctx context.Context, key string) (*client, error) {
	if len(key) < minKeyChars || len(key) > maxKeyChars { // a short one could be guessed
		g.count(ctx, actionWrongKey)
		return nil, errWrongKey
	}
	c, err := g.clientOf(ctx, sha256.Sum256([]byte(key)))
	if errors.Is(err, errWrongKey) {
		g.count(ctx, actionWrongKey)
	}
	return c, err
}

// clientOf finds who a key belongs to. One that its account revoked or that has expired is
// as wrong as one that never was.
func (g *Gateway) clientOf(ctx context.Context, hash [sha256.Size]byte) (*client, error) {
	if c := g.keys.byHash[hash]; c != nil {
		return c, nil
	}
	if !g.cfg.WalletKeys {
		return nil, errWrongKey
	}
	key, err := g.deps.Index.APIKey(ctx, hash)
	if errors.Is(err, index.ErrNotFound) || (err == nil && g.now().Unix() >= key.Expires) {
		return nil, errWrongKey
	}
	if err != nil {
		return nil, err
	}
	rights, err := g.rightsOf(ctx, key.Account)
	if err != nil {
		return nil, err
	}
	if rights.revoked(key.Issued) {
		return nil, errWrongKey
	}
	source := sha256.Sum256([]byte(key.Account))
	c := &client{source: source[:sourceBytes], account: key.Account, rights: rights, role: roleAnalyst}
	if !rights.plan {
		c.limiter = g.keys.freeLimiter(key.Account, g.cfg.FreeRequestsPerMinute)
	}
	return c, nil
}

func (k *apiKeys) freeLimiter(account string, perMinute int) *rate.Limiter {
	limiter := newLimiter(perMinute)
	if earlier, found, _ := k.free.PeekOrAdd(account, limiter); found {
		k.free.Get(account) // it is in use
		return earlier
	}
	return limiter
}

// spendRequest takes one request from the client's allowance of the minute.
func (c *client) spendRequest() (balance, error) {
	perMinute := float64(c.limiter.Burst())
	allowed := c.limiter.Allow()
	left := max(c.limiter.TokensAt(time.Now()), 0)
	rest := balance{limit: uint64(perMinute), left: uint64(left), reset: int64(math.Ceil((perMinute - left) * 60 / perMinute))}
	if !allowed {
		return rest, tooManyRequests(int(math.Ceil(60 / perMinute)))
	}
	return rest, nil
}

// withClient is a request that is known to be of a client.
func withClient(r *http.Request, c *client) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), clientContext{}, c))
}

// clientIn is who sent an authenticated request.
func clientIn(r *http.Request) *client {
	c, _ := r.Context().Value(clientContext{}).(*client)
	return c
}

// sourceOf identifies who sent an authenticated request.
func sourceOf(r *http.Request) []byte {
	if c := clientIn(r); c != nil {
		return c.source
	}
	return nil
}
