package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/private"
	"github.com/virusmap/virusmap/supernode/threat"
)

// privateAttributes are those of a private file; dates are unix seconds.
type privateAttributes struct {
	SHA256              string        `json:"sha256"`
	SHA1                string        `json:"sha1"`
	MD5                 string        `json:"md5"`
	Size                int64         `json:"size"`
	Names               []string      `json:"names,omitempty"`
	MeaningfulName      string        `json:"meaningful_name,omitempty"`
	TypeTag             string        `json:"type_tag,omitempty"`
	SubmissionDate      int64         `json:"submission_date"`
	Expiration          int64         `json:"expiration"`
	LastAnalysisDate    int64         `json:"last_analysis_date,omitempty"`
	LastAnalysisStats   light.Stats   `json:"last_analysis_stats,omitempty"`
	LastAnalysisResults light.Results `json:"last_analysis_results,omitempty"`

	PopularThreat *threat.Classification `json:"popular_threat_classification,omitempty"`
}

type privateAnalysisAttributes struct {
	Status  string        `json:"status"` // queued or completed
	Date    int64         `json:"date"`   // unix seconds
	Stats   light.Stats   `json:"stats"`
	Results light.Results `json:"results"`
}

// getPrivateUploadURL answers where to send a file of any size.
func (g *Gateway) getPrivateUploadURL(w http.ResponseWriter, r *http.Request, _ owner) error {
	respond(w, r, g.link(r, "private", "files"), nil)
	return nil
}

func (g *Gateway) getPrivateFile(w http.ResponseWriter, r *http.Request, from owner) error {
	file, err := g.findPrivate(r, from)
	if err != nil {
		return err
	}
	shown, err := g.privateFileObject(r, file)
	if err != nil {
		return err
	}
	respond(w, r, shown, nil)
	return nil
}

func (g *Gateway) privateFileObject(r *http.Request, file index.PrivateFile) (object, error) {
	var record privateRecord
	if err := g.unsealRecord(file.Sealed, &record); err != nil {
		return object{}, err
	}
	a := privateAttributes{
		SHA256: record.SHA256, SHA1: record.SHA1, MD5: record.MD5, Size: file.Size,
		SubmissionDate: file.Created, Expiration: file.Expires, MeaningfulName: record.Name,
	}
	if record.Name != "" {
		a.Names = []string{record.Name}
	}
	if record.TypeTag != unknownType {
		a.TypeTag = record.TypeTag
	}
	latest, err := g.deps.Index.LatestPrivateAnalysis(r.Context(), file.ID)
	switch {
	case err == nil:
		if a.LastAnalysisResults, err = g.privateResults(latest); err != nil {
			return object{}, err
		}
		a.LastAnalysisDate, a.LastAnalysisStats = latest.Done, statsOf(a.LastAnalysisResults)
		a.PopularThreat = threatIn(a.LastAnalysisResults)
	case !isNotFound(err):
		return object{}, err
	}
	return object{
		Type: "private_file", ID: record.SHA256,
		Links: map[string]string{"self": g.link(r, "private", "files", record.SHA256)}, Attributes: a,
	}, nil
}

func (g *Gateway) privateResults(a index.PrivateAnalysis) (light.Results, error) {
	results := light.Results{}
	if a.Done == 0 {
		return results, nil
	}
	return results, g.unsealRecord(a.Sealed, &results)
}

func statsOf(results light.Results) light.Stats {
	stats := noStats()
	for _, result := range results {
		stats[result.Category]++
	}
	return stats
}

func (g *Gateway) deletePrivateFile(w http.ResponseWriter, r *http.Request, from owner) error {
	file, err := g.findPrivate(r, from)
	if err != nil {
		return err
	}
	if err := g.deps.Index.DropPrivateFile(r.Context(), file.ID, g.entry(r, actionPrivateDelete, "", resultDone)); err != nil {
		return g.shown(err, file.Expires)
	}
	if err := g.deps.Private.Remove(file.ID); err != nil {
		return err
	}
	respond(w, r, nil, nil)
	return nil
}

// analysePrivateFile has a file scanned once more.
func (g *Gateway) analysePrivateFile(w http.ResponseWriter, r *http.Request, from owner) error {
	file, err := g.findPrivate(r, from)
	if err != nil {
		return err
	}
	analysis := index.PrivateAnalysis{ID: private.NewID(), File: file.ID, Owner: file.Owner, Created: g.now().Unix()}
	if err := g.deps.Index.AddPrivateAnalysis(r.Context(), analysis); err != nil {
		return err
	}
	if err := g.queuePrivate(context.WithoutCancel(r.Context()), analysis.ID); err != nil {
		return err
	}
	respond(w, r, g.privateDescriptor(r, analysis.ID), nil)
	return nil
}

func (g *Gateway) getPrivateAnalysis(w http.ResponseWriter, r *http.Request, from owner) error {
	id, err := shortID(r.PathValue("id"), maxAnalysisID)
	if err != nil {
		return errNoPrivate
	}
	analysis, err := g.deps.Index.PrivateAnalysis(r.Context(), id)
	if err == nil && string(analysis.Owner) != string(from.tag) {
		err = index.ErrNotFound
	}
	if err != nil {
		return g.shown(err, 0)
	}
	file, err := g.deps.Index.PrivateFileByID(r.Context(), analysis.File)
	if err := g.shown(err, file.Expires); err != nil {
		return err
	}
	shown, err := g.privateAnalysisObject(r, analysis)
	if err != nil {
		return err
	}
	var record privateRecord
	if err := g.unsealRecord(file.Sealed, &record); err != nil {
		return err
	}
	shown.Links["item"] = g.link(r, "private", "files", record.SHA256)
	respond(w, r, shown, map[string]any{
		"file_info": fileInfo{SHA256: record.SHA256, SHA1: record.SHA1, MD5: record.MD5, Size: file.Size},
	})
	return nil
}

// answersPrivately answers the analysis of a private file to its owner: vt-py waits for those
// where it waits for all.
func (g *Gateway) answersPrivately(w http.ResponseWriter, r *http.Request) bool {
	if !g.PrivateLane() {
		return false
	}
	from, err := g.ownerOf(r)
	return err == nil && g.getPrivateAnalysis(w, r, from) == nil
}

func (g *Gateway) privateAnalysisObject(r *http.Request, analysis index.PrivateAnalysis) (object, error) {
	results, err := g.privateResults(analysis)
	if err != nil {
		return object{}, err
	}
	a := privateAnalysisAttributes{Status: statusQueued, Date: analysis.Created, Stats: statsOf(results), Results: results}
	if analysis.Done > 0 {
		a.Status, a.Date = statusCompleted, analysis.Done
	}
	shown := g.privateDescriptor(r, analysis.ID)
	shown.Attributes = a
	return shown, nil
}

func (g *Gateway) getPrivateFiles(w http.ResponseWriter, r *http.Request, from owner) error {
	return respondPrivateList(g, w, r,
		func(after index.PrivatePosition, limit int) ([]index.PrivateFile, error) {
			return g.deps.Index.PrivateFiles(r.Context(), from.tag, after, limit)
		},
		func(f index.PrivateFile) index.PrivatePosition {
			return index.PrivatePosition{Created: f.Created, ID: f.ID}
		},
		func(f index.PrivateFile) (object, error) {
			if err := g.shown(nil, f.Expires); err != nil {
				return object{}, err
			}
			return g.privateFileObject(r, f)
		})
}

func (g *Gateway) getPrivateAnalyses(w http.ResponseWriter, r *http.Request, from owner) error {
	return respondPrivateList(g, w, r,
		func(after index.PrivatePosition, limit int) ([]index.PrivateAnalysis, error) {
			return g.deps.Index.PrivateAnalyses(r.Context(), from.tag, after, limit)
		},
		func(a index.PrivateAnalysis) index.PrivatePosition {
			return index.PrivatePosition{Created: a.Created, ID: a.ID}
		},
		func(a index.PrivateAnalysis) (object, error) {
			file, err := g.deps.Index.PrivateFileByID(r.Context(), a.File)
			if err := g.shown(err, file.Expires); err != nil {
				return object{}, err
			}
			return g.privateAnalysisObject(r, a)
		})
}

// respondPrivateList answers a page of what is shown; the rest is left out. A page before the
// last one is never empty: vt-py fails on that, and vt-go takes it for the end.
func respondPrivateList[T any](
	g *Gateway, w http.ResponseWriter, r *http.Request, list func(index.PrivatePosition, int) ([]T, error),
	position func(T) index.PrivatePosition, show func(T) (object, error),
) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	after, err := privatePosition(p.cursor)
	if err != nil {
		return err
	}
	next := ""
	var items []object
	for more := true; more && len(items) == 0; {
		found, err := list(after, p.limit+1)
		if err != nil {
			return err
		}
		if more = len(found) > p.limit; more {
			found = found[:p.limit]
			after = position(found[p.limit-1])
			next = fmt.Sprintf("%d-%s", after.Created, after.ID)
		} else {
			next = ""
		}
		for _, one := range found {
			item, err := show(one)
			if err == errNoPrivate {
				continue
			}
			if err != nil {
				return err
			}
			items = append(items, item)
		}
	}
	g.respondList(w, r, items, next, nil)
	return nil
}

func privatePosition(cursor string) (index.PrivatePosition, error) {
	if cursor == "" {
		return index.PrivatePosition{}, nil
	}
	created, id, _ := strings.Cut(cursor, "-")
	seconds, err := strconv.ParseInt(created, 10, 64)
	if err != nil || id == "" {
		return index.PrivatePosition{}, invalidArgument("cursor: %.80q is not one that was given out", cursor)
	}
	return index.PrivatePosition{Created: seconds, ID: id}, nil
}
