package gateway

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/threat"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// report is one round's answer about a sample, ready to be served. It is never changed.
type report struct {
	round    verdictstypes.Round
	outcome  verdictstypes.Outcome
	fileType string
	stats    light.Stats
	results  json.RawMessage        // engine key -> entry; nil when the vectors are gone
	threat   *threat.Classification // nil when no label tells
	height   int64                  // at which the chain answered; 0 when it did not say
}

func (r *report) final() bool { return r.round.Status == verdictstypes.ROUND_STATUS_FINAL }

// view is what the chain knows of a sample at one moment.
type view struct {
	// sample is nil when there is no record. One from the index has no sealing, deposit, rank
	// and expiry.
	sample *samplestypes.Sample
	report *report // nil when no round has had it
	read   time.Time
	source string // index or chain
}

func (v *view) analysed() bool { return v.report != nil && v.report.final() }

type finishedKey struct {
	sha256 [32]byte
	round  uint64
}

// reportCache keeps finished reports for good, as they cannot change, and which report
// is a sample's newest for as long as Config.ReportMaxAge.
type reportCache struct {
	views    *lru.Cache[[32]byte, *view]
	finished *lru.Cache[finishedKey, *report]
	monikers *lru.Cache[string, moniker]
	flights  singleflight.Group
}

func newReportCache(size int) (*reportCache, error) {
	views, err := lru.New[[32]byte, *view](size)
	if err != nil {
		return nil, err
	}
	finished, err := lru.New[finishedKey, *report](size)
	if err != nil {
		return nil, err
	}
	monikers, err := lru.New[string, moniker](cachedMonikers)
	return &reportCache{views: views, finished: finished, monikers: monikers}, err
}

// maxAge is how long an answer may lag behind the chain.
func (g *Gateway) maxAge() time.Duration { return time.Duration(g.cfg.ReportMaxAge) * time.Second }

// look tells what the chain knows of a sample. While the chain is out of reach it
// answers what it knew last, if anything.
func (g *Gateway) look(ctx context.Context, sha256 [32]byte) (*view, error) {
	last, _ := g.reports.views.Get(sha256)
	if last != nil && time.Since(last.read) < g.maxAge() {
		g.metrics.reports.WithLabelValues("cache").Inc()
		return last, nil
	}
	// Many clients ask about the same new sample; the chain is asked once, and not
	// given up on when the first of them leaves.
	fresh, err, _ := g.reports.flights.Do(string(sha256[:]), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTimeout)
		defer cancel()
		if v := g.indexedView(ctx, sha256, g.maxAge()); v != nil {
			return v, nil
		}
		return g.readView(ctx, sha256)
	})
	if err != nil {
		if last == nil {
			// Older than it should be, but more than nothing.
			if v := g.indexedView(ctx, sha256, math.MaxInt64); v != nil && v.analysed() {
				last = v
			}
		}
		if last != nil {
			g.metrics.reports.WithLabelValues("stale").Inc()
			g.log.Warn("serving an older report", "sha256", hex.EncodeToString(sha256[:]), "error", err)
			return last, nil
		}
		return nil, err
	}
	now := fresh.(*view)
	g.metrics.reports.WithLabelValues(now.source).Inc()
	if last != nil && last.analysed() && now.report != nil && !now.analysed() {
		// A round that is still being counted does not take away the finished report.
		now = &view{sample: now.sample, report: last.report, read: now.read, source: now.source}
	}
	g.reports.views.Add(sha256, now)
	return now, nil
}

func (g *Gateway) readView(ctx context.Context, sha256 [32]byte) (*view, error) {
	v := &view{read: time.Now(), source: "chain"}
	found, err := g.deps.Samples.Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(sha256[:])})
	switch {
	case err == nil:
		v.sample = &found.Entry.Sample
		if v.sample.Round == 0 {
			return v, nil
		}
		if v.report, err = g.finishedReport(ctx, sha256); v.report != nil || err != nil {
			return v, err
		}
	case status.Code(err) != codes.NotFound:
		return nil, fmt.Errorf("read sample: %w", err)
	}
	v.report, err = g.readReport(ctx, sha256, 0)
	return v, err
}

// finishedReport is the report of the newest round when it was read before, as the chain's
// answer decodes all of a round; nil when it was not. The record does not name the newest
// round: that may have judged the sample again.
func (g *Gateway) finishedReport(ctx context.Context, sha256 [32]byte) (*report, error) {
	answer, err := g.deps.Verdicts.History(ctx, &verdictstypes.QueryHistoryRequest{
		Sha256: hex.EncodeToString(sha256[:]), Pagination: &query.PageRequest{Reverse: true, Limit: 1},
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	if len(answer.Entries) == 0 {
		return nil, nil
	}
	done, _ := g.reports.finished.Get(finishedKey{sha256, answer.Entries[0].Round})
	return done, nil
}

// readReport asks the chain for the report of a round, 0 for the newest; nil when there is none.
func (g *Gateway) readReport(ctx context.Context, sha256 [32]byte, round uint64) (*report, error) {
	var header metadata.MD
	answer, err := g.deps.Verdicts.Report(ctx,
		&verdictstypes.QueryReportRequest{Sha256: hex.EncodeToString(sha256[:]), Round: round}, grpc.Header(&header))
	if status.Code(err) == codes.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	found := answer.Report
	known := !found.Round.Pruned
	if found.Round.Pruned && g.deps.Archive != nil {
		if err := g.fromArchive(ctx, sha256, &found); err != nil {
			g.log.Warn("the verdicts of a pruned round are not at hand", "round", found.Round.Number, "error", err)
		} else {
			known = true
		}
	}
	if found.Round.Status != verdictstypes.ROUND_STATUS_FINAL {
		return &report{round: found.Round, outcome: found.Outcome, height: heightOf(header)}, nil
	}
	return g.finish(ctx, sha256, found, known, heightOf(header))
}

// finish makes a finished report ready to be served, once. Its verdicts may not be known.
func (g *Gateway) finish(ctx context.Context, sha256 [32]byte, found verdictstypes.Report, known bool, height int64) (*report, error) {
	r := &report{round: found.Round, outcome: found.Outcome, fileType: found.FileType, height: height}
	if known {
		var err error
		if r.results, r.stats, err = g.results(ctx, found.Verdicts); err != nil {
			return nil, err
		}
		r.threat = threatOf(found.Verdicts)
	}
	g.reports.finished.Add(finishedKey{sha256, r.round.Number}, r)
	return r, nil
}

// heightOf reads the height at which a query was answered.
func heightOf(header metadata.MD) int64 {
	values := header.Get(grpctypes.GRPCBlockHeightHeader)
	if len(values) == 0 {
		return 0
	}
	height, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil {
		return 0
	}
	return height
}
