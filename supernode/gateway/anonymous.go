package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// knownVisitors bounds the addresses whose allowances are remembered. Who is forgotten has
// sent nothing for longer than all these others.
const knownVisitors = 65_536

// cost is which allowance a request is taken from.
type cost int

const (
	costNothing cost = iota // polling and what is the same for everybody
	costLookup
	costUpload
)

// visitor is what one address may send without a key; nil means no limit.
type visitor struct {
	lookups, uploads, chain *rate.Limiter
}

// visitors are the addresses that send requests without a key.
type visitors struct {
	cfg     Config
	proxies []netip.Prefix
	known   *lru.Cache[netip.Prefix, *visitor]
}

func newVisitors(cfg Config) (*visitors, error) {
	proxies, err := parseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	known, err := lru.New[netip.Prefix, *visitor](knownVisitors)
	return &visitors{cfg: cfg, proxies: proxies, known: known}, err
}

func (v *visitors) at(site netip.Prefix) *visitor {
	if known, found := v.known.Get(site); found {
		return known
	}
	fresh := &visitor{
		lookups: newLimiter(v.cfg.AnonymousRequestsPerMinute),
		uploads: newLimiter(v.cfg.AnonymousUploadsPerMinute),
		chain:   newLimiter(v.cfg.ChainRequestsPerMinute),
	}
	if earlier, found, _ := v.known.PeekOrAdd(site, fresh); found {
		return earlier
	}
	return fresh
}

// welcomed lets requests without a key through, from this node's own pages and programs,
// within the limits of their address.
func (g *Gateway) welcomed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitor, err := g.welcome(w, r, costOf(r))
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientContext{}, visitor)))
	})
}

// welcome takes a request without a key from what its address may send.
func (g *Gateway) welcome(w http.ResponseWriter, r *http.Request, c cost) (*client, error) {
	if err := g.checkOrigin(r); err != nil {
		return nil, err
	}
	site := siteOf(addressOf(r, g.visitors.proxies))
	known := g.visitors.at(site)
	var err error
	switch c {
	case costLookup:
		err = spendTokens(w, known.lookups, 1)
	case costUpload:
		err = spendTokens(w, known.uploads, 1)
	}
	if err != nil {
		return nil, err
	}
	return &client{source: g.sourceOfSite(site), rights: &rights{}, role: roleUploader}, nil
}

// anonymous tells a client without a key from one with a key of the configuration, which
// has no account either, but no bound rights.
func (c *client) anonymous() bool { return c.account == "" && c.rights != nil }

// sourceOfSite tells visitors apart without telling who they are: without the secret,
// addresses cannot be tried out.
func (g *Gateway) sourceOfSite(site netip.Prefix) []byte {
	mac := hmac.New(sha256.New, g.addressSecret)
	mac.Write([]byte("visitor " + site.String()))
	return mac.Sum(nil)[:sourceBytes]
}

// costOf is what a request to the routes that API and page share takes. Polling an analysis
// is free, as an error would end the wait for one that goes on all the same.
func costOf(r *http.Request) cost {
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	path = "/" + path
	switch {
	case isPolled(path):
		return costNothing
	case r.Method != http.MethodPost:
		return costLookup
	case strings.HasSuffix(path, "/comments"), strings.HasSuffix(path, "/votes"):
		return costLookup // words about a sample are none
	default:
		return costUpload
	}
}

// spendTokens takes n from an allowance per minute and tells what is left.
func spendTokens(w http.ResponseWriter, limiter *rate.Limiter, n int) error {
	if limiter == nil {
		return nil
	}
	perMinute := float64(limiter.Burst())
	allowed := limiter.AllowN(time.Now(), n)
	left := max(limiter.TokensAt(time.Now()), 0)
	balance{limit: uint64(perMinute), left: uint64(left), reset: int64(math.Ceil((perMinute - left) * 60 / perMinute))}.tell(w)
	if allowed {
		return nil
	}
	refusal := tooManyRequests(int(math.Ceil(max(float64(n)-left, 1) * 60 / perMinute)))
	refusal.Message = "this address has sent too many requests without an API key; the Retry-After header tells when to go on"
	return refusal
}
