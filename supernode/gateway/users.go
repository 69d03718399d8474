package gateway

import (
	"net/http"
	"slices"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/index"
)

// userAttributes tell an account what it may do here; others see none of it.
type userAttributes struct {
	Status     string               `json:"status"`
	Quotas     map[string]quotaUse  `json:"quotas"`
	Privileges map[string]privilege `json:"privileges"`
	VirusMap   userLimits           `json:"virusmap"`
}

type privilege struct {
	Granted bool `json:"granted"`
}

// userLimits are what VirusTotal's attributes have no place for.
type userLimits struct {
	// Account is empty for a key of the configuration.
	Account string `json:"account,omitempty"`
	// Plan tells that a plan is running.
	Plan bool `json:"plan"`
	// RequestsPerMinute is 0 when there is no such limit.
	RequestsPerMinute int      `json:"requests_per_minute"`
	Feeds             []string `json:"feeds,omitempty"`
}

// maxUserID is longer than any account's address or key.
const maxUserID = 256

func (g *Gateway) userRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/users/{id}/overall_quotas", g.getOverallQuotas)
	mux.HandleFunc("GET "+base+"/users/{id}/api_usage", g.getUsage)
}

// userKind are accounts by their address. An account may also call itself "me", or by the
// API key of the request.
func (g *Gateway) userKind() *itemKind {
	return &itemKind{
		name: "user", path: "users", resolve: g.userID, object: g.userObject,
		relations: []relation{
			{"comments", "Comments that the account wrote, newest first.", func(r *http.Request, id string, p page) (related, error) {
				after, err := p.position()
				if err != nil {
					return related{}, err
				}
				comments, err := g.deps.Index.CommentsBy(r.Context(), id, after, p.limit+1)
				return g.commentPage(r, p, comments, err)
			}},
			{"collections", "Collections that the account made, newest first.", func(r *http.Request, id string, p page) (related, error) {
				return g.collectionsBy(r, id, p)
			}},
		},
	}
}

func (g *Gateway) userID(r *http.Request, written string) (string, error) {
	written, err := shortID(written, maxUserID)
	if err != nil {
		return "", err
	}
	own := g.nameOf(r)
	if written != "me" && written != r.Header.Get("X-Apikey") {
		return written, nil
	}
	if own == "" {
		return "", errNoKey
	}
	return own, nil
}

// userObject tells an account about itself, and others only that it has said something here.
func (g *Gateway) userObject(r *http.Request, id string) (object, error) {
	user := g.authorObject(r, id)
	if id == g.nameOf(r) {
		limits, err := g.limitsOf(r)
		user.Attributes = limits
		return user, err
	}
	comments, err := g.deps.Index.CommentsBy(r.Context(), id, nil, 1)
	if err != nil {
		return object{}, err
	}
	collections, err := g.deps.Index.CollectionsBy(r.Context(), id, nil, 1)
	if err == nil && len(comments)+len(collections) == 0 {
		err = notFound("User %.80q not found", id)
	}
	return user, err
}

// authorObject is what everybody may see of a user.
func (g *Gateway) authorObject(r *http.Request, name string) object {
	return object{Type: "user", ID: name, Links: map[string]string{"self": g.link(r, "users", name)}}
}

// limitsOf are what the client of a request may do and has done.
func (g *Gateway) limitsOf(r *http.Request) (userAttributes, error) {
	c := clientIn(r)
	quotas, err := g.quotas(r.Context(), c)
	if err != nil {
		return userAttributes{}, err
	}
	a := userAttributes{Status: "active", Quotas: quotas, Privileges: map[string]privilege{}}
	a.VirusMap.Account = c.account
	if c.limiter != nil {
		a.VirusMap.RequestsPerMinute = c.limiter.Burst()
	}
	if c.rights == nil {
		return a, nil
	}
	a.VirusMap.Plan = c.rights.plan
	a.VirusMap.Feeds = slices.Compact(slices.Sorted(slices.Values(c.rights.feeds)))
	for _, feed := range a.VirusMap.Feeds {
		a.Privileges[privilegeOf(feed)] = privilege{Granted: true}
	}
	return a, nil
}

// privilegeOf is VirusTotal's name of the privilege to read a feed.
func privilegeOf(feed string) string { return strings.TrimSuffix(feed, "s") + "-feed" }

// ownLimits refuses everybody but the user of the path.
func (g *Gateway) ownLimits(r *http.Request) (userAttributes, error) {
	id, err := g.userID(r, r.PathValue("id"))
	if err != nil {
		return userAttributes{}, err
	}
	if id != g.nameOf(r) {
		if _, err := sdk.AccAddressFromBech32(id); err != nil {
			return userAttributes{}, notFound("User %.80q not found", id)
		}
		return userAttributes{}, forbidden("quotas are shown to their own account only")
	}
	return g.limitsOf(r)
}

// getOverallQuotas answers the quotas by name, each of the user; there are no groups.
func (g *Gateway) getOverallQuotas(w http.ResponseWriter, r *http.Request) {
	limits, err := g.ownLimits(r)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	quotas := make(map[string]map[string]quotaUse, len(limits.Quotas))
	for name, of := range limits.Quotas {
		quotas[name] = map[string]quotaUse{"user": of}
	}
	respond(w, r, quotas, nil)
}

// usage is how many requests counted in the daily quota, by day and together.
type usage struct {
	Daily map[string]map[string]uint64 `json:"daily"` // by YYYY-MM-DD in UTC
	Total map[string]uint64            `json:"total"`
}

// usageDays is of how many days getUsage tells.
const usageDays = 30

// getUsage answers what counted in the daily quota on the last days.
func (g *Gateway) getUsage(w http.ResponseWriter, r *http.Request) {
	_, err := g.ownLimits(r)
	var counted []index.Usage
	if err == nil {
		today, _ := allowance{}.period(g.now())
		counted, err = g.deps.Index.Usage(r.Context(), g.nameOf(r), today.AddDate(0, 0, 1-usageDays).Unix())
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	answer := usage{Daily: map[string]map[string]uint64{}, Total: map[string]uint64{}}
	for _, c := range counted {
		if c.Quota != quotaDaily {
			continue
		}
		date := time.Unix(c.Period, 0).UTC().Format(time.DateOnly)
		answer.Daily[date] = map[string]uint64{"api_requests": c.Used}
		answer.Total["api_requests"] += c.Used
	}
	respond(w, r, answer, nil)
}
