package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/indexer"
	"github.com/virusmap/virusmap/supernode/indexer/indexertest"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestIndexAndChainGiveTheSameAnswers has files judged, one of them twice, and compares what
// two gateways over the same chain answer: one from its index, one without.
func TestIndexAndChainGiveTheSameAnswers(t *testing.T) {
	t.Parallel()
	n, real := startRealChain(t)
	for i := range 3 {
		n.upload(t, file(fmt.Sprint("content ", i)))
	}
	n.submitting(t) // all at once, for one round
	eventually(t, func() bool { return n.queued(t) == 0 }, "submitted")
	real.runRound(t, verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Test.Label"})
	n.upload(t, file("not judged"))
	eventually(t, func() bool { return n.queued(t) == 0 }, "submitted")

	following := indexertest.Over(real.chain)
	following.Prune(real.chain.Height) // the state alone tells
	writer := indexer.New(indexer.Deps{Chain: following, Index: n.index, Log: quiet()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- writer.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	eventually(t, func() bool { _, current := writer.Current(time.Hour); return current }, "indexed")

	var ofIndex atomic.Bool
	second, err := New(n.cfg, func() Deps {
		deps := n.deps
		deps.Metrics = newRegistry()
		deps.Indexed = func(time.Duration) (int64, bool) {
			height, _ := writer.Current(time.Hour)
			return height, ofIndex.Load()
		}
		return deps
	}())
	require.NoError(t, err)
	paths := []string{
		"/api/v3/files/" + hexOf("content 0"), "/api/v3/files/" + hexOf("content 1"), "/api/v3/files/" + hexOf("not judged"),
		"/api/v3/files/" + hexOf("unknown"), "/api/v3/files/" + hexOf("content 2") + "/history",
		"/api/v3/files/" + hexOf("unknown") + "/history", "/api/v3/files/" + hexOf("content 2") + "/history?limit=1",
	}
	for _, path := range paths {
		ofIndex.Store(true)
		fromIndex := recorded(second, path)
		ofIndex.Store(false)
		second.reports.finished.Purge()
		fromChain := recorded(second, path)
		require.Equal(t, fromChain.Code, fromIndex.Code, path)
		require.JSONEq(t, fromChain.Body.String(), fromIndex.Body.String(), path)
		second.reports.finished.Purge()
	}
	require.Equal(t, http.StatusOK, recorded(second, paths[0]).Code)
	// Two reports, and twice that nothing is known; the chain tells how far a first round is.
	require.GreaterOrEqual(t, countOf(t, second.metrics.reports.WithLabelValues("index")), 4.0)

	for _, query := range []string{"label:Test.Label", "test.label", "label:LABEL", "kind:file label:test", "kind:file&order=size-"} {
		found := recorded(second, "/api/v3/intelligence/search?descriptors_only=true&limit=2&query="+strings.ReplaceAll(query, " ", "+"))
		page := answer{Status: found.Code}
		require.NoError(t, json.Unmarshal(found.Body.Bytes(), &page))
		require.Len(t, page.list(t), 2, "%s: %s", query, found.Body)
		require.NotEmpty(t, page.Meta["cursor"], query)
	}
}
