package gateway

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxAnalysisID is longer than any id that was ever given out.
const maxAnalysisID = 128

// Values of an analysis' status in VirusTotal's API.
const (
	statusQueued     = "queued"
	statusInProgress = "in-progress"
	statusCompleted  = "completed"
)

// submissionRefused is the state of a submission that the chain will not take.
const submissionRefused = "refused"

type analysisAttributes struct {
	Status   string          `json:"status"`
	Date     int64           `json:"date"` // unix seconds
	Stats    light.Stats     `json:"stats"`
	Results  json.RawMessage `json:"results"`
	VirusMap provenance      `json:"virusmap"`
}

type analysisMeta struct {
	FileInfo *fileInfo      `json:"file_info,omitempty"`
	URLInfo  *urlInfo       `json:"url_info,omitempty"`
	VirusMap submissionMeta `json:"virusmap"`
}

// submissionMeta tells how far the file is on its way to the chain.
type submissionMeta struct {
	Submission string `json:"submission"` // queued, on-chain or refused
	// Reason why the chain refused it. Submitting the file again tries once more.
	Reason string `json:"reason,omitempty"`
}

func (g *Gateway) analysisRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/analyses/{id}", g.getAnalysis)
}

// getAnalysis answers how far an analysis is. Clients poll it and give up on any error,
// so whatever is wrong on the way to the chain leaves the analysis queued.
func (g *Gateway) getAnalysis(w http.ResponseWriter, r *http.Request) {
	id, err := shortID(r.PathValue("id"), maxAnalysisID)
	var analysis index.Analysis
	if err == nil {
		analysis, err = g.findAnalysis(r, id)
	}
	if isUnknown(err) && g.answersPrivately(w, r) {
		return
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	file, err := g.deps.Index.File(r.Context(), analysis.SHA256[:])
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	v, err := g.look(r.Context(), analysis.SHA256)
	if err != nil {
		g.log.Warn("an analysis is answered without the chain", "id", id, "error", err)
		v = &view{}
	}
	meta, err := g.submissionOf(r.Context(), file, v)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, g.analysisObject(r, itemOf(analysis), analysis, v), meta)
}

// analysisKind are analyses, whose route is that of getAnalysis.
func (g *Gateway) analysisKind() *itemKind {
	return &itemKind{
		name: "analysis", path: "analyses", ownRoute: true,
		resolve: func(_ *http.Request, written string) (string, error) { return shortID(written, maxAnalysisID) },
		object: func(r *http.Request, id string) (object, error) {
			analysis, err := g.findAnalysis(r, id)
			if err != nil {
				return object{}, err
			}
			v, err := g.look(r.Context(), analysis.SHA256)
			if err != nil {
				return object{}, err
			}
			return g.analysisObject(r, itemOf(analysis), analysis, v), nil
		},
		relations: []relation{{"item", "The file or URL that is analysed.", func(r *http.Request, id string, p page) (related, error) {
			analysis, err := g.findAnalysis(r, id)
			if err != nil {
				return related{}, err
			}
			item, err := g.itemObject(r, itemOf(analysis), p.detail(full))
			return related{one: true, items: []object{item}}, err
		}}},
	}
}

func (g *Gateway) findAnalysis(r *http.Request, id string) (index.Analysis, error) {
	analysis, err := g.deps.Index.Analysis(r.Context(), id)
	if errors.Is(err, index.ErrNotFound) {
		return index.Analysis{}, notFound("Analysis %.80q not found", id)
	}
	return analysis, err
}

// itemOf is what an analysis is of; the id of one of a URL begins with u-.
func itemOf(analysis index.Analysis) community.Item {
	itemType := "file"
	if strings.HasPrefix(analysis.ID, "u-") {
		itemType = "url"
	}
	return community.Item{Type: itemType, ID: hex.EncodeToString(analysis.SHA256[:])}
}

// analysisObject is an analysis of an item as the chain has it in v.
func (g *Gateway) analysisObject(r *http.Request, item community.Item, analysis index.Analysis, v *view) object {
	return object{
		Type: "analysis",
		ID:   analysis.ID,
		Links: map[string]string{
			"self": g.link(r, "analyses", analysis.ID),
			"item": g.link(r, item.Type+"s", item.ID),
		},
		Attributes: g.progressOf(analysis, v),
	}
}

// progressOf is the newest finished report of the file, or how far its first round is.
func (g *Gateway) progressOf(analysis index.Analysis, v *view) analysisAttributes {
	a := analysisAttributes{
		Status:  statusQueued,
		Date:    analysis.Created,
		Stats:   noStats(),
		Results: json.RawMessage("{}"),
	}
	old := v.analysed() && superseded(analysis, v)
	if !old {
		a.VirusMap = g.provenanceOf(v.report)
	}
	switch {
	case v.analysed() && !old:
		a.Status, a.Date = statusCompleted, v.report.round.FinalTime
		if v.report.results != nil {
			a.Stats, a.Results = v.report.stats, v.report.results
		}
	case v.sample == nil:
	case v.sample.Status == samplestypes.STATUS_BLOCKED:
		a.Status = statusCompleted // it was taken down: there is nothing to wait for
	case v.sample.Status != samplestypes.STATUS_QUEUED:
		a.Status = statusInProgress
	}
	return a
}

// superseded tells whether a report is from before an analysis that asked for another one:
// as the file was handed in anew after a submission that did not open to its hash, or is
// being scanned again.
func superseded(analysis index.Analysis, v *view) bool {
	if v.report.round.FinalTime >= analysis.Created {
		return false
	}
	again := v.sample != nil && (v.sample.Status == samplestypes.STATUS_QUEUED || v.sample.Status == samplestypes.STATUS_SCANNING)
	return again || v.report.outcome == verdictstypes.OUTCOME_INVALID
}

// describe fills in what an analysis is of.
func (g *Gateway) describe(ctx context.Context, file index.File, meta *analysisMeta) error {
	if file.TypeTag == filetypeURL {
		u, err := g.deps.Index.URL(ctx, file.SHA256)
		if err != nil {
			return err
		}
		meta.URLInfo = &urlInfo{ID: hex.EncodeToString(u.SHA256[:]), URL: u.URL}
		return nil
	}
	meta.FileInfo = &fileInfo{
		SHA256: hex.EncodeToString(file.SHA256[:]),
		SHA1:   hex.EncodeToString(file.SHA1[:]),
		MD5:    hex.EncodeToString(file.MD5[:]),
		Size:   file.Size,
	}
	return nil
}

func (g *Gateway) submissionOf(ctx context.Context, file index.File, v *view) (analysisMeta, error) {
	var meta analysisMeta
	if err := g.describe(ctx, file, &meta); err != nil {
		return meta, err
	}
	switch {
	case v.sample != nil || file.State == index.StateOnChain:
		meta.VirusMap.Submission = "on-chain"
	case file.State == index.StateRefused:
		refusal, err := g.deps.Index.Refusal(ctx, file.SHA256)
		if err != nil && !errors.Is(err, index.ErrNotFound) {
			return meta, err
		}
		meta.VirusMap.Submission, meta.VirusMap.Reason = submissionRefused, refusal.Reason
	default:
		meta.VirusMap.Submission = "queued"
	}
	return meta, nil
}
