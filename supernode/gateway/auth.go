package gateway

import (
	"context"
	"crypto/sha256"
	"math"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// sourceBytes is how much of a key's hash tells submitters apart.
const sourceBytes = 16

// apiKey is one client. The key itself is not kept.
type apiKey struct {
	source  []byte
	limiter *rate.Limiter // nil means no limit
}

// apiKeys finds keys by their hash, so that the time of a look-up tells nothing about
// how much of a key was guessed.
type apiKeys struct {
	byHash    map[[sha256.Size]byte]*apiKey
	perMinute int
}

func newAPIKeys(keys []string, perMinute int) *apiKeys {
	k := &apiKeys{byHash: make(map[[sha256.Size]byte]*apiKey, len(keys)), perMinute: perMinute}
	for _, key := range keys {
		hash := sha256.Sum256([]byte(key))
		client := &apiKey{source: hash[:sourceBytes]}
		if perMinute > 0 {
			client.limiter = rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)
		}
		k.byHash[hash] = client
	}
	return k
}

type keyContext struct{}

// authenticated lets requests with a known X-Apikey through, within its rate.
func (k *apiKeys) authenticated(next http.Handler, counted func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Get("X-Apikey")
		if given == "" {
			fail(w, r, errNoKey)
			return
		}
		client := k.byHash[sha256.Sum256([]byte(given))]
		if client == nil {
			fail(w, r, errWrongKey)
			return
		}
		if client.limiter != nil && counted(r) && !k.spend(w, client) {
			fail(w, r, tooManyRequests(int(math.Ceil(60/float64(k.perMinute)))))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyContext{}, client)))
	})
}

// spend takes one request from the client's allowance and tells it what is left, in
// the headers of draft-ietf-httpapi-ratelimit-headers-07.
func (k *apiKeys) spend(w http.ResponseWriter, client *apiKey) bool {
	allowed := client.limiter.Allow()
	left := max(client.limiter.TokensAt(time.Now()), 0)
	refill := math.Ceil((float64(k.perMinute) - left) * 60 / float64(k.perMinute))
	header := w.Header()
	header.Set("RateLimit-Limit", strconv.Itoa(k.perMinute))
	header.Set("RateLimit-Remaining", strconv.Itoa(int(left)))
	header.Set("RateLimit-Reset", strconv.Itoa(int(refill)))
	return allowed
}

// sourceOf identifies who sent an authenticated request.
func sourceOf(r *http.Request) []byte {
	client, _ := r.Context().Value(keyContext{}).(*apiKey)
	if client == nil {
		return nil
	}
	return client.source
}
