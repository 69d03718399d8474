package gateway

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/index"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// maxHistory bounds the rounds of a sample that the chain is asked for, and historyPage
	// those of one question.
	maxHistory  = 2000
	historyPage = 200
)

// roundAttributes are what one round found out about a sample.
type roundAttributes struct {
	Date int64  `json:"date"` // when it was final, in unix seconds
	Kind string `json:"kind"` // initial, retrospective, rescan or appeal
	// Stage counts the judgements of an initial round's samples, from 0.
	Stage   uint32      `json:"stage"`
	Outcome string      `json:"outcome"`
	Stats   light.Stats `json:"stats,omitempty"` // missing when the verdicts are gone

	VirusMap provenance `json:"virusmap"`
}

func (g *Gateway) historyRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/files/{id}/history", g.getFileHistory)
	mux.HandleFunc("GET "+base+"/urls/{id}/history", g.getURLHistory)
}

// getFileHistory answers what the rounds found out about a file, the newest first.
func (g *Gateway) getFileHistory(w http.ResponseWriter, r *http.Request) {
	g.answerList(w, r, func(p page) (related, error) {
		id, err := g.fileID(r, r.PathValue("id"))
		if err != nil {
			return related{}, err
		}
		sha256, err := sampleID(id)
		if err != nil {
			return related{}, err
		}
		found, err := g.roundsOf(r.Context(), sha256, p)
		if err == nil && len(found.items) == 0 && p.cursor == "" {
			if v, err := g.look(r.Context(), sha256); err == nil && v.sample == nil && v.report == nil {
				return related{}, notFound("File %q not found", id)
			}
		}
		return found, err
	})
}

// getURLHistory answers the same about a URL, by either form of its id.
func (g *Gateway) getURLHistory(w http.ResponseWriter, r *http.Request) {
	g.answerList(w, r, func(p page) (related, error) {
		id, err := resolveURL(r, r.PathValue("id"))
		if err != nil {
			return related{}, err
		}
		u, err := g.knownURL(r, id)
		if err != nil {
			return related{}, err
		}
		return g.roundsOf(r.Context(), u.sha256, p)
	})
}

// roundsOf is a page of the rounds of a sample. The cursor is the number of the last round of
// the page before.
func (g *Gateway) roundsOf(ctx context.Context, sha256 [32]byte, p page) (found related, err error) {
	before := uint64(math.MaxInt64)
	if p.cursor != "" {
		if before, err = strconv.ParseUint(p.cursor, 10, 63); err != nil {
			return related{}, invalidArgument("cursor: %.20q is not the number of a round", p.cursor)
		}
	}
	reports, err := g.history(ctx, sha256, before, p.limit+1)
	if err != nil {
		return related{}, err
	}
	if len(reports) > p.limit {
		reports = reports[:p.limit]
		found.next = strconv.FormatUint(reports[p.limit-1].round.Number, 10)
	}
	found.items = make([]object, len(reports))
	for i, report := range reports {
		found.items[i] = object{Type: "round", ID: strconv.FormatUint(report.round.Number, 10), Attributes: g.roundOf(report)}
	}
	return found, nil
}

func (g *Gateway) roundOf(r *report) roundAttributes {
	return roundAttributes{
		Date: r.round.FinalTime, Kind: index.RoundKindName(r.round.Kind), Stage: r.round.Stage,
		Outcome: light.OutcomeName(r.outcome), Stats: r.stats, VirusMap: g.provenanceOf(r),
	}
}

// history is what the rounds before one found out, the newest first, from the index or from
// the chain.
func (g *Gateway) history(ctx context.Context, sha256 [32]byte, before uint64, limit int) ([]*report, error) {
	if g.deps.Indexed != nil {
		if height, current := g.deps.Indexed(g.maxAge()); current {
			reports, err := g.indexedHistory(ctx, sha256, before, limit, height)
			if err == nil && reports != nil {
				return reports, nil
			}
			if err != nil {
				g.warnIndex(sha256, err)
			}
		}
	}
	return g.chainHistory(ctx, sha256, before, limit)
}

// indexedHistory is nil when the verdicts of a round are gone, which an archive has perhaps.
func (g *Gateway) indexedHistory(ctx context.Context, sha256 [32]byte, before uint64, limit int, height int64) ([]*report, error) {
	found, err := g.deps.Index.History(ctx, sha256, before, limit)
	if err != nil {
		return nil, err
	}
	reports := make([]*report, len(found))
	for i := range found {
		if reports[i], err = g.indexedReport(ctx, sha256, found[i], height); err != nil || reports[i] == nil {
			return nil, err
		}
	}
	return reports, nil
}

func (g *Gateway) chainHistory(ctx context.Context, sha256 [32]byte, before uint64, limit int) ([]*report, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var rounds []uint64
	page := &query.PageRequest{Limit: historyPage}
	for len(rounds) < maxHistory {
		answer, err := g.deps.Verdicts.History(ctx, &verdictstypes.QueryHistoryRequest{Sha256: hex.EncodeToString(sha256[:]), Pagination: page})
		if err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		for _, entry := range answer.Entries {
			if entry.Round < before {
				rounds = append(rounds, entry.Round)
			}
		}
		if len(answer.Pagination.GetNextKey()) == 0 {
			break
		}
		page = &query.PageRequest{Limit: historyPage, Key: answer.Pagination.NextKey}
	}
	slices.Reverse(rounds)
	var reports []*report
	for _, round := range rounds {
		if len(reports) == limit {
			break
		}
		report, err := g.roundReport(ctx, sha256, round)
		if err != nil {
			return nil, err
		}
		if report != nil && report.final() { // one that is being counted has some outcomes already
			reports = append(reports, report)
		}
	}
	return reports, nil
}

// roundReport is the report of a round, which the chain is asked for once.
func (g *Gateway) roundReport(ctx context.Context, sha256 [32]byte, round uint64) (*report, error) {
	if done, ok := g.reports.finished.Get(finishedKey{sha256, round}); ok {
		return done, nil
	}
	return g.readReport(ctx, sha256, round)
}
