package gateway

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/chain/light"
)

// v2Report is VirusTotal's report of v2 on a file or a URL. What is not known is left out.
type v2Report struct {
	v2Status
	ScanID    string                 `json:"scan_id,omitempty"`
	ScanDate  string                 `json:"scan_date,omitempty"`
	Permalink string                 `json:"permalink,omitempty"`
	MD5       string                 `json:"md5,omitempty"`
	SHA1      string                 `json:"sha1,omitempty"`
	SHA256    string                 `json:"sha256,omitempty"`
	URL       string                 `json:"url,omitempty"`
	Positives *int                   `json:"positives,omitempty"`
	Total     *int                   `json:"total,omitempty"`
	Scans     map[string]v2ScanEntry `json:"scans,omitempty"`
}

// v2ScanEntry is what one engine said.
type v2ScanEntry struct {
	Detected bool    `json:"detected"`
	Version  string  `json:"version,omitempty"`
	Result   *string `json:"result"`
	Update   string  `json:"update,omitempty"` // YYYYMMDD
}

// v2Verdicts are the categories in which an engine has judged, and whether it found something.
var v2Verdicts = map[string]bool{"malicious": true, "suspicious": true, "harmless": false, "undetected": false}

const (
	v2NotFound  = "The requested resource is not among the finished, queued or pending scans"
	v2IsInvalid = "Invalid resource, check what you are submitting"
	v2IsQueued  = "Your resource is queued for analysis"
	v2Finished  = "Scan finished, information embedded"
	v2Accepted  = "Scan request successfully queued, come back later for the report"
)

// v2Attributes are what a report of v2 takes from an object of v3.
type v2Attributes struct {
	MD5      string        `json:"md5"`
	SHA1     string        `json:"sha1"`
	URL      string        `json:"url"`
	Analysed int64         `json:"last_analysis_date"` // unix seconds
	Results  light.Results `json:"last_analysis_results"`
}

// v2FileReport answers about a file by a hash, or by the id of a scan.
func (g *Gateway) v2FileReport(r *http.Request, resource string) (any, error) {
	hash, _, _ := strings.Cut(resource, "-")
	return g.v2ReportOf(r, g.kind("file"), resource, hash)
}

func (g *Gateway) v2ReportOf(r *http.Request, k *itemKind, resource, written string) (v2Report, error) {
	none := func(code int, message string) v2Report { return v2Report{v2Status: v2Status{code, message, resource}} }
	id, err := k.resolve(r, written)
	switch {
	case isUnknown(err):
		return none(v2Unknown, v2NotFound), nil
	case isInvalid(err):
		return none(v2Invalid, v2IsInvalid), nil
	case err != nil:
		return v2Report{}, err
	}
	found, err := k.object(r, id)
	if isUnknown(err) {
		return none(v2Unknown, v2NotFound), nil
	}
	var attributes v2Attributes
	if err == nil {
		err = reread(found.Attributes, &attributes)
	}
	if err != nil {
		return v2Report{}, err
	}
	report := v2Report{
		v2Status: v2Status{v2Queued, v2IsQueued, resource}, SHA256: id, MD5: attributes.MD5, SHA1: attributes.SHA1, URL: attributes.URL,
		Permalink: g.permalink(r, k.name, id),
	}
	if attributes.Analysed != 0 {
		report.finish(attributes)
	}
	return report, nil
}

func (report *v2Report) finish(a v2Attributes) {
	report.Code, report.Message = v2Found, v2Finished
	report.ScanID = v2ScanID(report.SHA256, a.Analysed)
	report.ScanDate = time.Unix(a.Analysed, 0).UTC().Format(v2TimeFormat)
	if a.Results == nil {
		return // the verdicts are gone
	}
	positives, total := 0, 0
	report.Scans = make(map[string]v2ScanEntry, len(a.Results))
	for name, result := range a.Results {
		detected, judged := v2Verdicts[result.Category]
		if !judged {
			continue
		}
		total++
		if detected {
			positives++
		}
		report.Scans[name] = v2ScanEntry{Detected: detected, Version: result.EngineVersion, Result: result.Label, Update: result.EngineUpdate}
	}
	report.Positives, report.Total = &positives, &total
}

// reread takes some attributes of an object of v3.
func reread(attributes, into any) error {
	encoded, err := json.Marshal(attributes)
	if err != nil {
		return err
	}
	return json.Unmarshal(encoded, into)
}

// v2ScanID is the id of a scan: the id of what is scanned and the time.
func v2ScanID(id string, unixSeconds int64) string { return fmt.Sprintf("%s-%d", id, unixSeconds) }

// v2Scan takes a file in.
func (g *Gateway) v2Scan(w http.ResponseWriter, r *http.Request) {
	receipt, err := g.takeIn(w, r)
	if err != nil {
		g.v2Fail(w, r, err)
		return
	}
	info := receipt.file
	writeJSON(w, r, http.StatusOK, v2Report{
		v2Status: v2Status{v2Found, v2Accepted, info.SHA256}, ScanID: v2ScanID(info.SHA256, receipt.analysis.Created),
		Permalink: g.permalink(r, "file", info.SHA256), MD5: info.MD5, SHA1: info.SHA1, SHA256: info.SHA256,
	})
}

// v2UploadURL answers where larger files go, which is where all go.
func (g *Gateway) v2UploadURL(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, r, http.StatusOK, struct {
		URL string `json:"upload_url"`
	}{g.base(r) + v2Base + "/file/scan"})
}

// v2Rescan has a file scanned again, as far as postAnalyse does.
func (g *Gateway) v2Rescan(r *http.Request, resource string) (any, error) {
	file, err := g.broughtFile(r, resource)
	switch {
	case isUnknown(err):
		return v2Status{v2Unknown, v2NotFound, resource}, nil
	case isInvalid(err):
		return v2Status{v2Invalid, v2IsInvalid, resource}, nil
	case err != nil:
		return nil, err
	}
	analysis, err := g.rescan(r, file)
	if err != nil {
		return nil, err
	}
	id := hex.EncodeToString(analysis.SHA256[:])
	return v2Report{
		v2Status: v2Status{v2Found, v2Accepted, resource}, ScanID: v2ScanID(id, analysis.Created),
		Permalink: g.permalink(r, "file", id), SHA256: id,
	}, nil
}
