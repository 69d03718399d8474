package gateway

import (
	"net/http"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// maxV2URLs bounds the URLs that a report on a domain or an address lists of each sort.
const maxV2URLs = maxPage

// v2ScanURL submits a URL.
func (g *Gateway) v2ScanURL(r *http.Request, text string) (any, error) {
	u, err := weburl.Parse(text)
	if err != nil {
		return v2Report{v2Status: v2Status{v2Invalid, v2IsInvalid, text}}, nil //nolint:nilerr // that is its answer
	}
	receipt, err := g.receiveURL(r, form{url: &u})
	if err != nil {
		return nil, err
	}
	id := urlID(u)
	return v2Report{
		v2Status: v2Status{v2Found, v2Accepted, text}, ScanID: v2ScanID(id, receipt.analysis.Created),
		Permalink: g.permalink(r, "url", id), URL: text,
	}, nil
}

// v2URLReport answers about a URL, by itself or by the id of a scan; with the parameter scan=1
// one that is not known is submitted.
func (g *Gateway) v2URLReport(r *http.Request, resource string) (any, error) {
	written, _, _ := strings.Cut(resource, "-")
	if sha, err := parseHash(written); err != nil || len(sha) != 32 {
		u, err := weburl.Parse(resource)
		if err != nil {
			return v2Status{v2Invalid, v2IsInvalid, resource}, nil //nolint:nilerr // that is its answer
		}
		written = urlID(u)
	}
	report, err := g.v2ReportOf(r, g.kind("url"), resource, written)
	report.SHA256 = ""
	if err != nil || report.Code != v2Unknown || r.Form.Get("scan") != "1" {
		return report, err
	}
	if err := clientIn(r).atLeast(roleUploader); err != nil {
		return nil, err
	}
	return g.v2ScanURL(r, resource)
}

// v2HostReport is VirusTotal's report of v2 on a domain or an address.
type v2HostReport struct {
	v2Status
	DetectedURLs   []v2HostURL `json:"detected_urls,omitempty"`
	UndetectedURLs []v2HostURL `json:"undetected_urls,omitempty"`
	// What integrations read without looking whether it is there is given of every host that is
	// known: resolutions, and of a domain its siblings and what is below it.
	Resolutions    []v2Resolution `json:"resolutions,omitzero"`
	DomainSiblings []string       `json:"domain_siblings,omitzero"`
	Subdomains     []string       `json:"subdomains,omitzero"`
}

type v2HostURL struct {
	URL       string `json:"url"`
	Positives int    `json:"positives"`
	Total     int    `json:"total"`
	ScanDate  string `json:"scan_date"`
}

type v2Resolution struct {
	LastResolved string `json:"last_resolved"`
	IPAddress    string `json:"ip_address,omitempty"`
	HostName     string `json:"hostname,omitempty"`
}

func (g *Gateway) v2Domain(w http.ResponseWriter, r *http.Request) {
	g.v2Host(w, r, "domain", "domain", "Domain found in dataset", "Domain not found", "Invalid domain")
}

func (g *Gateway) v2Address(w http.ResponseWriter, r *http.Request) {
	g.v2Host(w, r, "ip_address", "ip", "IP address in dataset", "Missing IP address", "Invalid IP address")
}

func (g *Gateway) v2Host(w http.ResponseWriter, r *http.Request, itemType, parameter, found, unknown, invalid string) {
	form, err := v2Form(w, r)
	if err != nil {
		g.v2Fail(w, r, err)
		return
	}
	written := strings.TrimSpace(form.Get(parameter))
	report, err := g.v2HostReport(r, g.kind(itemType), written)
	switch {
	case err == nil:
		report.v2Status = v2Status{Code: v2Found, Message: found}
	case isUnknown(err):
		report.v2Status = v2Status{Code: v2Unknown, Message: unknown}
	case isInvalid(err):
		report.v2Status = v2Status{Code: v2Invalid, Message: invalid}
	default:
		g.v2Fail(w, r, err)
		return
	}
	writeJSON(w, r, http.StatusOK, report)
}

func (g *Gateway) v2HostReport(r *http.Request, k *itemKind, written string) (report v2HostReport, err error) {
	item, err := g.knownItem(r, k, written)
	if err != nil {
		return report, err
	}
	if urls, offered := k.relation("urls"); offered {
		list, err := urls.list(r, item.ID, page{limit: maxV2URLs})
		if err != nil {
			return report, err
		}
		if err := report.addURLs(list.items); err != nil {
			return report, err
		}
	}
	if resolutions, offered := k.relation("resolutions"); offered {
		list, err := resolutions.list(r, item.ID, page{limit: maxV2URLs})
		if err != nil {
			return report, err
		}
		if err := report.addResolutions(k.name, list.items); err != nil {
			return report, err
		}
	}
	if report.DomainSiblings, err = v2Names(r, k, item.ID, "siblings"); err != nil {
		return report, err
	}
	report.Subdomains, err = v2Names(r, k, item.ID, "subdomains")
	return report, err
}

// v2Names are the ids of what an item is related to; nil when its kind has no such relation.
func v2Names(r *http.Request, k *itemKind, id, relation string) ([]string, error) {
	rel, offered := k.relation(relation)
	if !offered {
		return nil, nil
	}
	list, err := rel.list(r, id, page{limit: maxV2URLs, descriptors: true})
	names := make([]string, len(list.items))
	for i, item := range list.items {
		names[i] = item.ID
	}
	return names, err
}

// addURLs lists the URLs that have been analysed.
func (report *v2HostReport) addURLs(items []object) error {
	for _, item := range items {
		var attributes struct {
			URL      string      `json:"url"`
			Analysed int64       `json:"last_analysis_date"`
			Stats    light.Stats `json:"last_analysis_stats"`
		}
		if err := reread(item.Attributes, &attributes); err != nil {
			return err
		}
		if attributes.Analysed == 0 {
			continue
		}
		entry := v2HostURL{URL: attributes.URL, ScanDate: time.Unix(attributes.Analysed, 0).UTC().Format(v2TimeFormat)}
		for category, detected := range v2Verdicts {
			entry.Total += int(attributes.Stats[category])
			if detected {
				entry.Positives += int(attributes.Stats[category])
			}
		}
		if entry.Positives > 0 {
			report.DetectedURLs = append(report.DetectedURLs, entry)
		} else {
			report.UndetectedURLs = append(report.UndetectedURLs, entry)
		}
	}
	return nil
}

func (report *v2HostReport) addResolutions(kind string, items []object) error {
	report.Resolutions = []v2Resolution{}
	for _, item := range items {
		var attributes struct {
			Date     int64  `json:"date"`
			Address  string `json:"ip_address"`
			HostName string `json:"host_name"`
		}
		if err := reread(item.Attributes, &attributes); err != nil {
			return err
		}
		entry := v2Resolution{LastResolved: time.Unix(attributes.Date, 0).UTC().Format(v2TimeFormat)}
		if kind == "domain" {
			entry.IPAddress = attributes.Address
		} else {
			entry.HostName = attributes.HostName
		}
		report.Resolutions = append(report.Resolutions, entry)
	}
	return nil
}
