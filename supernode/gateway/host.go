package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/weburl"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// hostAttributes are those attributes of a domain or address that are known: no engine
// judges a host as such, so the analysis is that of the host's front page, when that was
// submitted as a URL, and what else was seen stands in virusmap.
type hostAttributes struct {
	LastAnalysisDate    int64             `json:"last_analysis_date,omitempty"`
	LastAnalysisStats   light.Stats       `json:"last_analysis_stats,omitempty"`
	LastAnalysisResults json.RawMessage   `json:"last_analysis_results,omitempty"`
	Categories          map[string]string `json:"categories,omitempty"`
	LastModification    int64             `json:"last_modification_date,omitempty"`
	TLD                 string            `json:"tld,omitempty"` // of a domain

	// Of the last time when an engine of this node fetched something there.
	LastDNSRecords           []dnsRecord     `json:"last_dns_records,omitempty"`
	LastDNSRecordsDate       int64           `json:"last_dns_records_date,omitempty"`
	LastHTTPSCertificate     json.RawMessage `json:"last_https_certificate,omitempty"`
	LastHTTPSCertificateDate int64           `json:"last_https_certificate_date,omitempty"`

	*communityAttributes // nil where votes were not asked for

	VirusMap hostSummary `json:"virusmap"`
}

// hostSummary is what was seen at a host.
type hostSummary struct {
	// AnalysedURL is the front page that the analysis is of.
	AnalysedURL string `json:"analysed_url,omitempty"`
	FirstSeen   int64  `json:"first_seen,omitempty"` // unix seconds
	LastSeen    int64  `json:"last_seen,omitempty"`
	// URLs counts those at this host that this node took in.
	URLs urlCounts `json:"urls"`
}

type urlCounts struct {
	Total int64 `json:"total"`
	// Newest is how many, the newest ones, the outcomes are counted over.
	Newest       int `json:"newest"`
	Malicious    int `json:"malicious"`
	Suspicious   int `json:"suspicious"`
	Clean        int `json:"clean"`
	Undetermined int `json:"undetermined"`
	// Pending have no outcome yet.
	Pending int `json:"pending"`
}

// countedURLs bounds the reports that one report of a host reads.
const countedURLs = 40

func (g *Gateway) hostRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/resolutions/{id}", g.getResolution)
}

// domainKind are domains, defanged and in Unicode too.
func (g *Gateway) domainKind() *itemKind {
	return &itemKind{
		name: "domain", path: "domains", discussed: true, object: g.wholeHost, brief: g.briefHost,
		resolve: func(_ *http.Request, written string) (string, error) {
			domain, err := weburl.ParseDomain(written)
			if err != nil {
				return "", invalidArgument("%v", err)
			}
			return domain, nil
		},
		relations: []relation{
			{"urls", "URLs at the domain that this gateway took in, newest first.", g.hostList(urlsOfHost)},
			{"resolutions", "Addresses that the name had when an engine of this node fetched something there.", g.hostList(resolutionsOfHost)},
			{"subdomains", "Names below the domain at which URLs were seen.", g.hostList(hostsBy((*index.Index).Subdomains))},
			{"siblings", "Names below the same domain at which URLs were seen.", g.hostList(hostsBy((*index.Index).Siblings))},
			{"immediate_parent", "The domain that the name is right below.", g.parent(index.ParentOf)},
			{"parent", "The registered domain that the name is below.", g.parent(registeredAbove)},
		},
	}
}

// addressKind are IP addresses.
func (g *Gateway) addressKind() *itemKind {
	return &itemKind{
		name: "ip_address", path: "ip_addresses", discussed: true, object: g.wholeHost, brief: g.briefHost,
		resolve: func(_ *http.Request, written string) (string, error) {
			address, err := weburl.ParseIP(written)
			if err != nil {
				return "", invalidArgument("%v", err)
			}
			return address.String(), nil
		},
		relations: []relation{
			{"urls", "URLs at the address that this gateway took in, newest first.", g.hostList(urlsOfHost)},
			{"resolutions", "Names that had the address when an engine of this node fetched something there.", g.hostList(resolutionsOfHost)},
		},
	}
}

func (g *Gateway) wholeHost(r *http.Request, id string) (object, error) {
	return g.hostObject(r, id, full)
}

func (g *Gateway) briefHost(r *http.Request, id string) (object, error) {
	return g.hostObject(r, id, brief)
}

// detail of an object. Items of lists have the brief one: a report reads many others.
type detail int

const (
	descriptor detail = iota
	brief
	full
)

// detail is what a page wants of an object, at most.
func (p page) detail(most detail) detail {
	if p.descriptors {
		return descriptor
	}
	return most
}

// hostObject is a domain or ip_address object; an error 404 when nothing was seen there.
func (g *Gateway) hostObject(r *http.Request, host string, d detail) (object, error) {
	kind, collection := "domain", "domains"
	if _, err := netip.ParseAddr(host); err == nil {
		kind, collection = "ip_address", "ip_addresses"
	}
	item := object{Type: kind, ID: host, Links: map[string]string{"self": g.link(r, collection, host)}}
	if d == descriptor {
		return object{Type: kind, ID: host}, nil
	}
	attributes, err := g.hostAttributesOf(r.Context(), host, d)
	if err != nil {
		return item, err
	}
	attributes.communityAttributes, err = g.communityOf(r.Context(), kind, host)
	item.Attributes = attributes
	return item, err
}

func (g *Gateway) hostAttributesOf(ctx context.Context, host string, d detail) (hostAttributes, error) {
	var a hostAttributes
	seen, err := g.deps.Index.Host(ctx, host)
	if errors.Is(err, index.ErrNotFound) {
		if err = g.knownOtherwise(ctx, host); err == nil && d == full {
			err = g.addFetched(ctx, host, &a)
		}
		return a, err
	}
	if err != nil {
		return a, err
	}
	a.VirusMap = hostSummary{FirstSeen: seen.FirstSeen, LastSeen: seen.LastSeen, URLs: urlCounts{Total: seen.URLs}}
	a.LastModification = seen.LastSeen
	if _, err := netip.ParseAddr(host); err != nil {
		a.TLD = host[strings.LastIndexByte(host, '.')+1:]
	}
	if d == brief {
		return a, nil
	}
	if err := g.countOutcomes(ctx, host, &a.VirusMap.URLs); err != nil {
		return a, err
	}
	if err := g.addFetched(ctx, host, &a); err != nil {
		return a, err
	}
	return a, g.addFrontPage(ctx, host, &a)
}

// knownOtherwise tells whether a host at which no URL was seen has anything that was.
func (g *Gateway) knownOtherwise(ctx context.Context, host string) error {
	below, _, err := g.deps.Index.Subdomains(ctx, host, "", 1)
	if err != nil || len(below) > 0 {
		return err
	}
	resolutions, _, err := g.deps.Index.Resolutions(ctx, host, "", 1)
	if err != nil || len(resolutions) > 0 {
		return err
	}
	return notFound("%q not found: nothing was seen there", host)
}

func (g *Gateway) countOutcomes(ctx context.Context, host string, counts *urlCounts) error {
	urls, _, err := g.deps.Index.URLsAt(ctx, host, "", countedURLs)
	if err != nil {
		return err
	}
	counts.Newest = len(urls)
	for _, u := range urls {
		v, err := g.look(ctx, u.SHA256)
		if err != nil {
			return err
		}
		if !v.analysed() {
			counts.Pending++
			continue
		}
		switch v.report.outcome {
		case verdictstypes.OUTCOME_MALICIOUS:
			counts.Malicious++
		case verdictstypes.OUTCOME_SUSPICIOUS:
			counts.Suspicious++
		case verdictstypes.OUTCOME_CLEAN:
			counts.Clean++
		default:
			counts.Undetermined++
		}
	}
	return nil
}

// addFrontPage adds the analysis of the host's front page, of the newer one when both were
// analysed.
func (g *Gateway) addFrontPage(ctx context.Context, host string, a *hostAttributes) error {
	for _, scheme := range []string{"http", "https"} {
		text := scheme + "://" + host + "/"
		if strings.Contains(host, ":") {
			text = scheme + "://[" + host + "]/"
		}
		u, err := weburl.Parse(text)
		if err != nil {
			return err
		}
		v, err := g.look(ctx, u.ID())
		if err != nil {
			return err
		}
		if !v.analysed() || v.report.results == nil || v.report.round.FinalTime <= a.LastAnalysisDate {
			continue
		}
		a.VirusMap.AnalysedURL = u.String()
		a.LastAnalysisDate, a.LastAnalysisStats, a.LastAnalysisResults = v.report.round.FinalTime, v.report.stats, v.report.results
		a.Categories = categoriesOf(v.report.results)
		a.LastModification = max(a.LastModification, a.LastAnalysisDate)
	}
	return nil
}
