// Package fetch retrieves what a URL leads to and has it judged, without giving anybody a
// network: this process resolves names, checks addresses and connects, and an isolated
// worker, which can reach nothing but the one connected socket it is handed, speaks TLS and
// HTTP over it, unpacks, parses and judges. Redirects come back here and are checked anew.
package fetch

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/pagerules"
	"github.com/virusmap/virusmap/supernode/engine/rules"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// Facts are what was seen of a URL. It is the only place where they come from.
type Facts struct {
	// FinalURL is where the redirects ended, in canonical form.
	FinalURL string
	// Chain are the URLs before it, the first one the sample's.
	Chain []string
	// Status of the last answer.
	Status int
	// Headers of the last answer.
	Headers map[string]string
	// Cookies that the last answer set, by name.
	Cookies map[string]string
	// Certificate of the last server; nil without TLS.
	Certificate *Certificate
	// ContentBytes and ContentSHA256 are of the decompressed body, up to the limit.
	ContentBytes  int64
	ContentSHA256 string
	Title         string
	// ServingIP is the address that gave the last answer.
	ServingIP string
	Time      time.Time
}

// Fetcher follows URLs.
type Fetcher struct {
	Guard Guard
	// MaxRedirects of any kind.
	MaxRedirects int
	MaxBytes     int64
	// Exchange has a worker make one request over a connected socket.
	Exchange func(ctx context.Context, socket *os.File, args Args) (Hop, error)
}

// Fetch follows a URL to its end. The verdict is the strongest of all pages on the way.
// Errors: *RefusedError when an address may not be connected to, or what went wrong.
func (f *Fetcher) Fetch(ctx context.Context, u weburl.URL) (rules.Verdict, Facts, error) {
	var (
		facts     Facts
		strongest rules.Verdict
		refreshes int
	)
	for {
		if u.Scheme != "http" && u.Scheme != "https" {
			return strongest, facts, refuse("scheme %s is not fetched", u.Scheme)
		}
		hop, by, err := f.hop(ctx, u, refreshes)
		if err != nil {
			return strongest, facts, fmt.Errorf("%s: %w", u.Host, err)
		}
		if stronger(hop.Page.Verdict, strongest) {
			strongest = hop.Page.Verdict
		}
		facts.FinalURL, facts.Status, facts.Headers, facts.ServingIP = u.String(), hop.Status, hop.Headers, by
		facts.Cookies, facts.Certificate = hop.Cookies, hop.Certificate
		facts.ContentBytes, facts.ContentSHA256, facts.Title = hop.ContentBytes, hop.ContentSHA256, hop.Page.Title
		facts.Time = time.Now()
		next, refreshed, ok := follow(u, hop)
		if !ok {
			return strongest, facts, nil
		}
		if refreshed {
			refreshes++
		}
		if len(facts.Chain) == f.MaxRedirects {
			return strongest, facts, fmt.Errorf("more than %d redirects", f.MaxRedirects)
		}
		facts.Chain = append(facts.Chain, u.String())
		u = next
	}
}

// stronger tells whether a verdict says more than another one.
func stronger(a, b rules.Verdict) bool {
	rank := map[string]int{"": 0, "undetected": 1, "suspicious": 2, "malicious": 3}
	if rank[a.Category] != rank[b.Category] {
		return rank[a.Category] > rank[b.Category]
	}
	return a.Confidence > b.Confidence
}

func (f *Fetcher) hop(ctx context.Context, u weburl.URL, refreshes int) (Hop, string, error) {
	socket, by, err := f.Guard.dial(ctx, u)
	if err != nil {
		return Hop{}, "", err
	}
	defer socket.Close()
	hop, err := f.Exchange(ctx, socket, Args{URL: u.String(), Refreshes: refreshes, MaxBytes: f.MaxBytes})
	return hop, by.Addr().String(), err
}

// follow is where an answer leads on to by itself.
func follow(at weburl.URL, hop Hop) (next weburl.URL, refreshed, ok bool) {
	if hop.Status >= 300 && hop.Status < 400 && hop.Location != "" {
		base, err := url.Parse(at.String())
		if err != nil {
			return next, false, false
		}
		target, err := base.Parse(hop.Location)
		if err != nil {
			return next, false, false
		}
		next, err = weburl.Parse(target.String())
		return next, false, err == nil
	}
	if hop.Page.Refresh != "" {
		next, err := weburl.Parse(hop.Page.Refresh)
		return next, true, err == nil && next != at
	}
	return next, false, false
}

// Version of what judges the pages.
const Version = pagerules.Version
