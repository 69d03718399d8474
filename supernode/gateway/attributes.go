package gateway

import (
	"encoding/hex"
	"encoding/json"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/threat"
)

// fileAttributes are VirusTotal's attributes of a file. What is not known is left out;
// dates are unix seconds.
type fileAttributes struct {
	SHA256          string   `json:"sha256"`
	SHA1            string   `json:"sha1,omitempty"`
	MD5             string   `json:"md5,omitempty"`
	SSDEEP          string   `json:"ssdeep,omitempty"`
	TLSH            string   `json:"tlsh,omitempty"`
	Authentihash    string   `json:"authentihash,omitempty"`
	Size            int64    `json:"size,omitempty"`
	TypeTag         string   `json:"type_tag,omitempty"`
	TypeDescription string   `json:"type_description,omitempty"`
	TypeTags        []string `json:"type_tags,omitempty"`
	Tags            []string `json:"tags,omitempty"`
	Names           []string `json:"names,omitempty"`
	MeaningfulName  string   `json:"meaningful_name,omitempty"`

	// PEInfo is of the headers of a Windows program.
	PEInfo json.RawMessage `json:"pe_info,omitempty"`

	FirstSubmissionDate  int64 `json:"first_submission_date,omitempty"`
	LastSubmissionDate   int64 `json:"last_submission_date,omitempty"`
	LastModificationDate int64 `json:"last_modification_date,omitempty"`
	TimesSubmitted       int64 `json:"times_submitted,omitempty"`
	UniqueSources        int64 `json:"unique_sources,omitempty"`

	LastAnalysisDate    int64           `json:"last_analysis_date,omitempty"`
	LastAnalysisStats   light.Stats     `json:"last_analysis_stats,omitempty"`
	LastAnalysisResults json.RawMessage `json:"last_analysis_results,omitempty"`

	// PopularThreat is what the labels of the engines say together.
	PopularThreat *threat.Classification `json:"popular_threat_classification,omitempty"`

	*communityAttributes // nil where votes were not asked for

	VirusMap provenance `json:"virusmap"`
}

// provenance tells where on the chain a report comes from, so that it can be checked.
type provenance struct {
	ChainID string `json:"chain_id"`
	Round   uint64 `json:"round,omitempty"`
	// Outcome is clean, suspicious, malicious, undetermined or invalid.
	Outcome string `json:"outcome,omitempty"`
	// Height is the block at whose state the report was read.
	Height       int64  `json:"height,omitempty"`
	RoundStatus  string `json:"round_status,omitempty"`
	Seats        uint32 `json:"seats,omitempty"`
	Attestations uint32 `json:"attestations,omitempty"`
}

const unknownType = analysis.Unknown

// attributesOf joins what the chain says of a file with what this node saw of it, which
// may be nothing.
func (g *Gateway) attributesOf(sha256 [32]byte, v *view, local *index.File) fileAttributes {
	a := fileAttributes{SHA256: hex.EncodeToString(sha256[:]), VirusMap: g.provenanceOf(v.report)}
	tag := ""
	if local != nil {
		a.SHA1, a.MD5, a.Size = hex.EncodeToString(local.SHA1[:]), hex.EncodeToString(local.MD5[:]), local.Size
		a.FirstSubmissionDate, a.LastSubmissionDate = local.FirstSubmission, local.LastSubmission
		a.TimesSubmitted, a.UniqueSources = local.TimesSubmitted, local.UniqueSources
		if len(local.Names) > 0 {
			a.Names, a.MeaningfulName = local.Names, local.Names[0]
		}
		tag = local.TypeTag
		if d := local.Details; d != nil {
			a.SSDEEP, a.TLSH, a.Authentihash, a.PEInfo = d.SSDEEP, d.TLSH, d.Authentihash, d.PE
		}
	}
	if s := v.sample; s != nil {
		a.Size = int64(s.SizeBytes)
		if a.FirstSubmissionDate == 0 || s.SubmittedTime < a.FirstSubmissionDate {
			a.FirstSubmissionDate = s.SubmittedTime
		}
		a.LastSubmissionDate = max(a.LastSubmissionDate, s.SubmittedTime)
	}
	if v.analysed() {
		a.LastAnalysisDate = v.report.round.FinalTime
		if v.report.results != nil {
			a.LastAnalysisStats, a.LastAnalysisResults = v.report.stats, v.report.results
			a.PopularThreat = v.report.threat
		}
		if v.report.fileType != "" {
			tag = v.report.fileType
		}
	}
	if tag != "" && tag != unknownType {
		a.TypeTag, a.TypeTags, a.Tags, a.TypeDescription = tag, []string{tag}, []string{tag}, analysis.TypeDescription(tag)
	}
	a.LastModificationDate = max(a.LastSubmissionDate, a.LastAnalysisDate)
	return a
}

func (g *Gateway) provenanceOf(r *report) provenance {
	p := provenance{ChainID: g.cfg.ChainID}
	if r == nil {
		return p
	}
	p.Round, p.Height = r.round.Number, r.height
	p.Seats, p.Attestations = r.round.Seats, r.round.Attestations
	p.RoundStatus = light.RoundStatusName(r.round.Status)
	if r.final() {
		p.Outcome = light.OutcomeName(r.outcome)
	}
	return p
}
