package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/index"
)

// Names of quotas, as VirusTotal has them. Downloads count as searches, as in the plans.
const (
	quotaDaily    = "api_requests_daily"
	quotaMonthly  = "api_requests_monthly"
	quotaSearches = "intelligence_searches_monthly"
)

// allowance is how much of something an account may use in a day, or in a month.
type allowance struct {
	name    string
	limit   uint64
	monthly bool
}

// period is when the running day or month began and when it ends, in UTC.
func (a allowance) period(now time.Time) (begin, end time.Time) {
	now = now.UTC()
	if a.monthly {
		begin = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
		return begin, begin.AddDate(0, 1, 0)
	}
	begin = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	return begin, begin.AddDate(0, 0, 1)
}

// allowances are all that an account has; those without a limit are left out.
func (g *Gateway) allowances(r *rights) []allowance {
	if r.plan {
		return []allowance{
			{name: quotaDaily, limit: r.quotas.LookupsPerDay},
			{name: quotaSearches, limit: r.quotas.SearchesPerMonth, monthly: true},
		}
	}
	var free []allowance
	if g.cfg.FreeRequestsPerDay > 0 {
		free = append(free, allowance{name: quotaDaily, limit: uint64(g.cfg.FreeRequestsPerDay)})
	}
	if g.cfg.FreeRequestsPerMonth > 0 {
		free = append(free, allowance{name: quotaMonthly, limit: uint64(g.cfg.FreeRequestsPerMonth), monthly: true})
	}
	return free
}

// chargedFor are the allowances that a request is taken from. A plan's look-ups and searches
// are counted apart; uploads and what is paid by the period are not counted with one.
func (g *Gateway) chargedFor(r *http.Request, rights *rights) []allowance {
	var charged []allowance
	for _, a := range g.allowances(rights) {
		switch {
		case !rights.plan && countedInRate(r),
			rights.plan && a.name == quotaDaily && isLookup(r),
			rights.plan && a.name == quotaSearches && isSearch(r):
			charged = append(charged, a)
		}
	}
	return charged
}

// isLookup tells what counts in lookups_per_day: asking for what is known. Uploads, polling
// an analysis, feeds and ciphertexts do not.
func isLookup(r *http.Request) bool {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead, isSearch(r):
		return false
	case r.URL.Path == apiBase+"/files/upload_url", r.URL.Path == apiBase+"/private/files/upload_url":
		return false
	case !strings.HasPrefix(r.URL.Path, apiBase+"/"):
		return false
	}
	return countedInRate(r)
}

// isSearch tells what counts in searches_per_month: intelligence searches and downloads.
func isSearch(r *http.Request) bool {
	path, found := strings.CutPrefix(r.URL.Path, apiBase)
	switch {
	case !found:
		return false
	case path == "/intelligence/search":
		return true
	case path == "/intelligence/zip_files":
		return r.Method == http.MethodPost
	}
	return strings.HasPrefix(path, "/files/") && strings.HasSuffix(path, "/download")
}

// spend takes a request from what its client may send, and tells what is left of what there
// is the least of.
func (g *Gateway) spend(w http.ResponseWriter, r *http.Request, c *client) error {
	var left balance
	if c.limiter != nil && countedInRate(r) {
		var err error
		if left, err = c.spendRequest(); err != nil {
			left.tell(w)
			return err
		}
	}
	if c.rights == nil {
		left.tell(w)
		return nil
	}
	if !c.rights.plan && isSearch(r) {
		return forbidden("searches and downloads need a plan")
	}
	return g.charge(w, r, c, left)
}

// charge counts a request for its account, exactly and on disk.
func (g *Gateway) charge(w http.ResponseWriter, r *http.Request, c *client, least balance) error {
	charged := g.chargedFor(r, c.rights)
	if len(charged) == 0 {
		least.tell(w)
		return nil
	}
	now := g.now()
	charge := index.Charge{Account: c.account, Exceeded: g.entry(r, actionQuotaExceeded, "", resultRefused)}
	for _, a := range charged {
		begin, _ := a.period(now)
		charge.Quotas = append(charge.Quotas, index.Quota{Name: a.name, Period: begin.Unix(), Limit: a.limit})
	}
	spent, err := g.deps.Index.Charge(r.Context(), charge)
	if err != nil {
		return err
	}
	var policies []string
	for i, a := range charged {
		begin, end := a.period(now)
		left := balance{limit: a.limit, left: max(a.limit, spent.Used[i]) - spent.Used[i], reset: seconds(end.Sub(now))} // a smaller plan may have followed
		if least.limit == 0 || left.left < least.left || !spent.OK && left.left == 0 {
			least = left
		}
		policies = append(policies, fmt.Sprintf("%d;w=%d;name=%q", a.limit, seconds(end.Sub(begin)), a.name))
	}
	least.tell(w)
	w.Header().Set("RateLimit-Policy", strings.Join(policies, ", "))
	if spent.OK {
		return nil
	}
	return exceeded(charged, spent, least.reset)
}

func exceeded(charged []allowance, spent index.Charged, reset int64) error {
	for i, a := range charged {
		if spent.Used[i] < a.limit {
			continue
		}
		if a.monthly {
			return quotaExceeded(int(reset), "%s: all %d of the month are used; it ends on the first at 00:00 UTC", a.name, a.limit)
		}
		return quotaExceeded(int(reset), "%s: all %d of the day are used; it ends at 00:00 UTC", a.name, a.limit)
	}
	return quotaExceeded(int(reset), "a quota is used up")
}

// balance is what is left of something; a limit of 0 is none.
type balance struct {
	limit, left uint64
	reset       int64 // seconds
}

// tell sets the headers of draft-ietf-httpapi-ratelimit-headers-07.
func (b balance) tell(w http.ResponseWriter) {
	if b.limit == 0 && b.reset == 0 {
		return
	}
	header := w.Header()
	header.Set("RateLimit-Limit", strconv.FormatUint(b.limit, 10))
	header.Set("RateLimit-Remaining", strconv.FormatUint(b.left, 10))
	header.Set("RateLimit-Reset", strconv.FormatInt(b.reset, 10))
}

func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// quotaUse is what an account may use of a quota in the running period, and has used.
type quotaUse struct {
	Allowed uint64 `json:"allowed"`
	Used    uint64 `json:"used"`
}

// quotas are all of a client by name; none for a key of the configuration, which has none.
func (g *Gateway) quotas(ctx context.Context, c *client) (map[string]quotaUse, error) {
	uses := make(map[string]quotaUse)
	if c == nil || c.rights == nil {
		return uses, nil
	}
	now := g.now()
	month, _ := allowance{monthly: true}.period(now)
	used, err := g.deps.Index.Usage(ctx, c.account, month.Unix())
	if err != nil {
		return nil, err
	}
	for _, a := range g.allowances(c.rights) {
		begin, _ := a.period(now)
		use := quotaUse{Allowed: a.limit}
		for _, u := range used {
			if u.Quota == a.name && u.Period == begin.Unix() {
				use.Used = u.Used
			}
		}
		uses[a.name] = use
	}
	return uses, nil
}

// usageMonths is for how long usage is kept.
const usageMonths = 13

func (g *Gateway) pruneUsage(ctx context.Context) error {
	month, _ := allowance{monthly: true}.period(g.now())
	return g.deps.Index.PruneUsage(ctx, month.AddDate(0, -usageMonths, 0).Unix())
}
