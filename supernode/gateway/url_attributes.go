package gateway

import (
	"encoding/json"
	"strings"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/threat"
)

// urlAttributes are VirusTotal's attributes of a URL. What is not known is left out; dates
// are unix seconds. Those of the last answer are known when an engine of this node fetched
// the URL.
type urlAttributes struct {
	URL  string   `json:"url,omitempty"`
	Tags []string `json:"tags,omitempty"`

	FirstSubmissionDate  int64 `json:"first_submission_date,omitempty"`
	LastSubmissionDate   int64 `json:"last_submission_date,omitempty"`
	LastModificationDate int64 `json:"last_modification_date,omitempty"`
	TimesSubmitted       int64 `json:"times_submitted,omitempty"`

	LastAnalysisDate    int64           `json:"last_analysis_date,omitempty"`
	LastAnalysisStats   light.Stats     `json:"last_analysis_stats,omitempty"`
	LastAnalysisResults json.RawMessage `json:"last_analysis_results,omitempty"`

	// PopularThreat is what the labels of the engines say together.
	PopularThreat *threat.Classification `json:"popular_threat_classification,omitempty"`
	// Categories are the first words of the engines' labels, by engine.
	Categories map[string]string `json:"categories,omitempty"`

	// Both names are in use for the end of the redirects.
	LastFinalURL     string   `json:"last_final_url,omitempty"`
	FinalURL         string   `json:"final_url,omitempty"`
	RedirectionChain []string `json:"redirection_chain,omitempty"`
	Title            string   `json:"title,omitempty"`
	ServingIP        string   `json:"last_serving_ip_address,omitempty"`
	ResponseCode     int      `json:"last_http_response_code,omitempty"`
	// ResponseLength is a pointer as 0 bytes are known too.
	ResponseLength  *int64            `json:"last_http_response_content_length,omitempty"`
	ResponseSHA256  string            `json:"last_http_response_content_sha256,omitempty"`
	ResponseHeaders map[string]string `json:"last_http_response_headers,omitempty"`
	ResponseCookies map[string]string `json:"last_http_response_cookies,omitempty"`

	*communityAttributes // nil where votes were not asked for

	VirusMap provenance `json:"virusmap"`
}

// urlAttributesOf joins what the chain says of a URL with what this node saw of it.
func (g *Gateway) urlAttributesOf(u *urlRecord) urlAttributes {
	a := urlAttributes{VirusMap: g.provenanceOf(u.view.report)}
	if u.seen != nil {
		a.URL = u.seen.URL
	}
	if u.local != nil {
		a.FirstSubmissionDate, a.LastSubmissionDate = u.local.FirstSubmission, u.local.LastSubmission
		a.TimesSubmitted = u.local.TimesSubmitted
	}
	if s := u.view.sample; s != nil {
		if a.FirstSubmissionDate == 0 || s.SubmittedTime < a.FirstSubmissionDate {
			a.FirstSubmissionDate = s.SubmittedTime
		}
		a.LastSubmissionDate = max(a.LastSubmissionDate, s.SubmittedTime)
	}
	if u.view.analysed() {
		a.LastAnalysisDate = u.view.report.round.FinalTime
		if u.view.report.results != nil {
			a.LastAnalysisStats, a.LastAnalysisResults = u.view.report.stats, u.view.report.results
			a.Categories, a.PopularThreat = categoriesOf(u.view.report.results), u.view.report.threat
		}
	}
	if f := u.fetched; f != nil {
		a.LastFinalURL, a.FinalURL, a.RedirectionChain, a.Title, a.ServingIP = f.FinalURL, f.FinalURL, f.Chain, f.Title, f.IP
		a.ResponseCode, a.ResponseLength, a.ResponseSHA256, a.ResponseHeaders = f.Status, &f.Bytes, f.ContentSHA256, f.Headers
		a.ResponseCookies = f.Cookies
	}
	a.LastModificationDate = max(a.LastSubmissionDate, a.LastAnalysisDate)
	return a
}

// categories that a label's first word may be.
var urlCategories = map[string]bool{"phishing": true, "counterfeit": true, "malware": true, "cryptomining": true, "suspicious": true}

// categoriesOf reads encoded light.Results.
func categoriesOf(results json.RawMessage) map[string]string {
	var entries light.Results
	if json.Unmarshal(results, &entries) != nil {
		return nil // they were encoded here
	}
	categories := make(map[string]string)
	for engine, entry := range entries {
		if entry.Label == nil {
			continue
		}
		if word, _, found := strings.Cut(*entry.Label, ":"); found && urlCategories[word] {
			categories[engine] = word
		}
	}
	return categories
}
