package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"net/http"
	"strconv"
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
	k := &apiKeys{byHash: make(map[[sha256.Size]byte]*client, len(cfg.APIKeys))}
	for _, key := range cfg.APIKeys {
		hash := sha256.Sum256([]byte(key))
		k.byHash[hash] = &client{source: hash[:sourceBytes], limiter: newLimiter(cfg.RequestsPerMinute)}
	}
	var err error
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
		if len(given) < minKeyChars || len(given) > maxKeyChars { // a short one could be guessed
			fail(w, r, errWrongKey)
			return
		}
		c, err := g.clientOf(r.Context(), sha256.Sum256([]byte(given)))
		if err == nil {
			err = g.spend(w, r, c)
		}
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		next.ServeHTTP(w, withClient(r, c))
	})
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
	c := &client{source: source[:sourceBytes], account: key.Account, rights: rights}
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

// spend takes a request from what its client may send. A look-up by an account with a plan
// counts for the day and for nothing else.
func (g *Gateway) spend(w http.ResponseWriter, r *http.Request, c *client) error {
	switch {
	case c.rights != nil && c.rights.plan && isLookup(r):
		return g.spendLookup(w, r, c)
	case c.limiter != nil && countedInRate(r):
		return c.spendRequest(w)
	}
	return nil
}

// spendRequest takes one request from the client's allowance and tells it what is left.
func (c *client) spendRequest(w http.ResponseWriter) error {
	perMinute := float64(c.limiter.Burst())
	allowed := c.limiter.Allow()
	left := max(c.limiter.TokensAt(time.Now()), 0)
	tellLimit(w, uint64(perMinute), uint64(left), int64(math.Ceil((perMinute-left)*60/perMinute)))
	if !allowed {
		return tooManyRequests(int(math.Ceil(60 / perMinute)))
	}
	return nil
}

// tellLimit sets the headers of draft-ietf-httpapi-ratelimit-headers-07.
func tellLimit(w http.ResponseWriter, limit, left uint64, resetSeconds int64) {
	header := w.Header()
	header.Set("RateLimit-Limit", strconv.FormatUint(limit, 10))
	header.Set("RateLimit-Remaining", strconv.FormatUint(left, 10))
	header.Set("RateLimit-Reset", strconv.FormatInt(resetSeconds, 10))
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
