package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/virusmap/virusmap/supernode/index"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// indexedView is what the chain knows of a sample as the index has it; nil when that is older
// than maxAge, or does not tell everything: then the chain is asked.
func (g *Gateway) indexedView(ctx context.Context, sha256 [32]byte, maxAge time.Duration) *view {
	if g.deps.Indexed == nil {
		return nil
	}
	height, current := g.deps.Indexed(maxAge)
	if !current {
		return nil
	}
	v := &view{read: time.Now(), source: "index"}
	sample, err := g.deps.Index.Sample(ctx, sha256)
	switch {
	case err == nil:
		v.sample = &sample
		if sample.Round == 0 {
			return v
		}
	case !errors.Is(err, index.ErrNotFound):
		g.warnIndex(sha256, err)
		return nil
	}
	found, err := g.deps.Index.Report(ctx, sha256, 0)
	switch {
	case errors.Is(err, index.ErrNotFound) && v.sample == nil:
		return v // nobody knows it
	case errors.Is(err, index.ErrNotFound):
		return nil // its first round runs, of which the chain tells how far it is
	case err != nil:
		g.warnIndex(sha256, err)
		return nil
	}
	if v.report, err = g.indexedReport(ctx, sha256, found, height); err != nil {
		g.warnIndex(sha256, err)
		return nil
	}
	if v.report == nil {
		return nil
	}
	return v
}

// indexedReport makes a report of the index ready to be served; nil when its verdicts are gone.
func (g *Gateway) indexedReport(ctx context.Context, sha256 [32]byte, found verdictstypes.Report, height int64) (*report, error) {
	if done, ok := g.reports.finished.Get(finishedKey{sha256, found.Round.Number}); ok {
		return done, nil
	}
	if len(found.Verdicts) == 0 {
		return nil, nil
	}
	return g.finish(ctx, sha256, found, true, height)
}

// warnIndex tells that the chain is asked in place of the index.
func (g *Gateway) warnIndex(sha256 [32]byte, err error) {
	g.log.Warn("the index does not answer", "sha256", hex.EncodeToString(sha256[:]), "error", err)
}
