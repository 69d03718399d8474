package gateway

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/cosmos/cosmos-sdk/types/query"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	cachedRights = 65_536
	// rightsMaxAge is how long a purchase or a revocation may take to be noticed.
	rightsMaxAge = 5 * time.Second
	// rightsStale is how long they are believed while the chain is out of reach.
	rightsStale = 10 * time.Minute
	// maxSubscriptionPages bounds what is read of one account.
	maxSubscriptionPages = 10

	secondsPerDay = 24 * 60 * 60
)

// rights are what an account may do here, by what it has bought.
type rights struct {
	// revokedTime voids what the account issued until then, in unix seconds.
	revokedTime int64
	// plan tells that one is running. Of more than one the greatest of each figure counts.
	plan          bool
	lookupsPerDay uint64
	feeds         []string
	read          time.Time
}

func (r *rights) revoked(issued int64) bool { return r.revokedTime > 0 && issued <= r.revokedTime }

// mayRead tells whether a feed is included in a plan or has a pass.
func (r *rights) mayRead(feed string) bool { return slices.Contains(r.feeds, feed) }

type rightsCache struct {
	accounts *lru.Cache[string, *rights]
	flights  singleflight.Group
}

func newRightsCache() (*rightsCache, error) {
	accounts, err := lru.New[string, *rights](cachedRights)
	return &rightsCache{accounts: accounts}, err
}

// rightsOf asks the chain what an account has bought, at most every rightsMaxAge.
func (g *Gateway) rightsOf(ctx context.Context, account string) (*rights, error) {
	last, _ := g.rights.accounts.Get(account)
	if last != nil && g.now().Sub(last.read) < rightsMaxAge {
		return last, nil
	}
	fresh, err, _ := g.rights.flights.Do(account, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTimeout)
		defer cancel()
		return g.readRights(ctx, account)
	})
	switch {
	case err == nil:
		g.rights.accounts.Add(account, fresh.(*rights))
		return fresh.(*rights), nil
	case last != nil && g.now().Sub(last.read) < rightsStale:
		g.log.Warn("going on with what an account had bought", "account", account, "error", err)
		return last, nil
	default:
		return nil, err
	}
}

func (g *Gateway) readRights(ctx context.Context, account string) (*rights, error) {
	found := &rights{read: g.now()}
	request := &markettypes.QuerySubscriptionsRequest{Buyer: account, Pagination: &query.PageRequest{Limit: 100}}
	for range maxSubscriptionPages {
		answer, err := g.deps.Market.Subscriptions(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("read subscriptions: %w", err)
		}
		found.revokedTime = answer.RevokedTime
		for _, subscription := range answer.Subscriptions {
			found.add(subscription)
		}
		if answer.Pagination == nil || len(answer.Pagination.NextKey) == 0 {
			break
		}
		request.Pagination.Key = answer.Pagination.NextKey
	}
	return found, nil
}

// add counts a subscription that runs: the chain drops it at its end, and has taken the money
// of a first period that is not paid yet.
func (r *rights) add(s markettypes.Subscription) {
	if s.PeriodsLeft == 0 && s.DueTime <= r.read.Unix() {
		return
	}
	switch s.Kind {
	case markettypes.PRODUCT_KIND_PLAN:
		r.plan = true
		r.lookupsPerDay = max(r.lookupsPerDay, s.Quotas.LookupsPerDay)
		r.feeds = append(r.feeds, s.Quotas.Feeds...)
	case markettypes.PRODUCT_KIND_FEED:
		r.feeds = append(r.feeds, s.Feed)
	}
}

// isLookup tells what counts in lookups_per_day: asking for what is known. Uploads, polling
// an analysis, feeds and ciphertexts do not.
func isLookup(r *http.Request) bool {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return false
	case r.URL.Path == apiBase+"/files/upload_url", !strings.HasPrefix(r.URL.Path, apiBase+"/"):
		return false
	}
	return countedInRate(r)
}

// spendLookup counts a look-up for the account and the day in UTC.
func (g *Gateway) spendLookup(w http.ResponseWriter, r *http.Request, c *client) error {
	now := g.now().Unix()
	spent, err := g.deps.Index.SpendLookup(r.Context(), c.account, now/secondsPerDay, c.rights.lookupsPerDay)
	if err != nil {
		return err
	}
	reset := secondsPerDay - now%secondsPerDay
	left := max(c.rights.lookupsPerDay, spent.Used) - spent.Used // a smaller plan may have followed
	tellLimit(w, c.rights.lookupsPerDay, left, reset)
	if !spent.OK {
		return quotaExceeded(int(reset), "the %d look-ups of the day are used up; it ends at 00:00 UTC", c.rights.lookupsPerDay)
	}
	return nil
}
