package gateway

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
)

// fileRelations are what can be asked of a file besides what people say about it.
func (g *Gateway) fileRelations() []relation {
	return []relation{
		{"analyses", "Analyses that this gateway promised of the file, newest first.", g.analysesOf("file")},
		{"submissions", "Submissions of the file that this gateway has seen, newest first.", g.submissionsOf("file")},
	}
}

// sampleID reads what fileID and its like wrote.
func sampleID(id string) (hash [32]byte, err error) {
	raw, err := hex.DecodeString(id)
	if err == nil && len(raw) != len(hash) {
		err = errBadHash
	}
	copy(hash[:], raw)
	return hash, err
}

// analysesOf are the analyses of a sample, which is a file or a URL.
func (g *Gateway) analysesOf(itemType string) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, id string, p page) (related, error) {
		sha256, err := sampleID(id)
		if err != nil {
			return related{}, err
		}
		after, err := p.position()
		if err != nil {
			return related{}, err
		}
		analyses, err := g.deps.Index.Analyses(r.Context(), sha256, after, p.limit+1)
		if err != nil || len(analyses) == 0 {
			return related{}, err
		}
		analyses, next := cut(p, analyses, func(a index.Analysis) string { return cursorAt(a.Created, a.ID) })
		found := related{next: next}
		v := &view{}
		if !p.descriptors {
			if v, err = g.look(r.Context(), sha256); err != nil {
				return related{}, err
			}
		}
		for _, analysis := range analyses {
			found.items = append(found.items, g.analysisObject(r, community.Item{Type: itemType, ID: id}, analysis, v))
		}
		return found, nil
	}
}

// submissionAttributes are VirusTotal's of a submission; what would tell who sent it is not
// stored.
type submissionAttributes struct {
	Date int64  `json:"date"` // unix seconds
	Name string `json:"name,omitempty"`
	// Interface is the channel it came through.
	Interface string `json:"interface,omitempty"`
}

// submissionsOf are the submissions of a sample that this node has seen.
func (g *Gateway) submissionsOf(itemType string) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, id string, p page) (related, error) {
		sha256, err := sampleID(id)
		if err != nil {
			return related{}, err
		}
		before, err := strconv.ParseInt("0"+p.cursor, 10, 64)
		if err != nil {
			return related{}, invalidArgument("cursor: %.80q was not given out for this list", p.cursor)
		}
		submissions, err := g.deps.Index.Submissions(r.Context(), sha256, before, p.limit+1)
		if err != nil {
			return related{}, err
		}
		submissions, next := cut(p, submissions, func(s index.Submitted) string { return strconv.FormatInt(s.Number, 10) })
		found := related{next: next}
		for _, submission := range submissions {
			found.items = append(found.items, g.submissionObject(r, itemType, submission))
		}
		return found, nil
	}
}

func (g *Gateway) submissionObject(r *http.Request, itemType string, s index.Submitted) object {
	id := submissionPrefix(itemType) + hex.EncodeToString(s.SHA256[:]) + "-" + strconv.FormatInt(s.Number, 10)
	return object{
		Type: "submission", ID: id,
		Links:      map[string]string{"self": g.link(r, "submission", id)},
		Attributes: submissionAttributes{Date: s.Date, Name: s.Name, Interface: s.Channel},
	}
}

func submissionPrefix(itemType string) string { return itemType[:1] + "-" }

// submissionKind are submissions by an id such as f-<sha256>-<number>.
func (g *Gateway) submissionKind() *itemKind {
	return &itemKind{
		name: "submission", path: "submission",
		resolve: func(_ *http.Request, written string) (string, error) { return written, nil },
		object: func(r *http.Request, id string) (object, error) {
			itemType, sha256, number, err := parseSubmissionID(id)
			if err != nil {
				return object{}, notFound("Submission %.80q not found", id)
			}
			submission, err := g.deps.Index.Submitted(r.Context(), sha256, number)
			if errors.Is(err, index.ErrNotFound) {
				return object{}, notFound("Submission %.80q not found", id)
			}
			return g.submissionObject(r, itemType, submission), err
		},
		relations: []relation{{"item", "The file or URL that was submitted.", func(r *http.Request, id string, p page) (related, error) {
			itemType, sha256, _, err := parseSubmissionID(id)
			if err != nil {
				return related{}, notFound("Submission %.80q not found", id)
			}
			item, err := g.itemObject(r, community.Item{Type: itemType, ID: hex.EncodeToString(sha256[:])}, p.detail(full))
			return related{one: true, items: []object{item}}, err
		}}},
	}
}

func parseSubmissionID(id string) (itemType string, sha256 [32]byte, number int64, err error) {
	parts := strings.Split(id, "-")
	if len(parts) != 3 {
		return "", sha256, 0, errBadHash
	}
	switch parts[0] {
	case "f":
		itemType = "file"
	case "u":
		itemType = "url"
	default:
		return "", sha256, 0, errBadHash
	}
	if sha256, err = sampleID(parts[1]); err == nil {
		number, err = strconv.ParseInt(parts[2], 10, 64)
	}
	return itemType, sha256, number, err
}
