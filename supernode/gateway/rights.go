package gateway

import (
	"context"
	"fmt"
	"slices"
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
)

// rights are what an account may do here, by what it has bought.
type rights struct {
	// revokedTime voids what the account issued until then, in unix seconds.
	revokedTime int64
	// plan tells that one is running. Of more than one the greatest of each figure counts.
	plan   bool
	quotas markettypes.Quotas
	feeds  []string
	read   time.Time
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
		r.addQuotas(s.Quotas)
		r.feeds = append(r.feeds, s.Quotas.Feeds...)
	case markettypes.PRODUCT_KIND_FEED:
		r.feeds = append(r.feeds, s.Feed)
	}
}

// addQuotas keeps the greater of each figure; no limit of the look-back is the greatest.
func (r *rights) addQuotas(q markettypes.Quotas) {
	first := r.quotas.Equal(markettypes.Quotas{})
	r.quotas.LookupsPerDay = max(r.quotas.LookupsPerDay, q.LookupsPerDay)
	r.quotas.SearchesPerMonth = max(r.quotas.SearchesPerMonth, q.SearchesPerMonth)
	r.quotas.RetrohuntsPerMonth = max(r.quotas.RetrohuntsPerMonth, q.RetrohuntsPerMonth)
	r.quotas.LivehuntRules = max(r.quotas.LivehuntRules, q.LivehuntRules)
	r.quotas.RuleJobsPerMonth = max(r.quotas.RuleJobsPerMonth, q.RuleJobsPerMonth)
	r.quotas.PrivateGraphs = r.quotas.PrivateGraphs || q.PrivateGraphs
	r.quotas.Support = r.quotas.Support || q.Support
	if first || q.LookbackDays == 0 || (r.quotas.LookbackDays != 0 && q.LookbackDays > r.quotas.LookbackDays) {
		r.quotas.LookbackDays = q.LookbackDays
	}
}
