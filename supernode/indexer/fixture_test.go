package indexer

import (
	"context"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/indexer/indexertest"
	"github.com/virusmap/virusmap/testutil/postgres"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestMain(m *testing.M) { os.Exit(postgres.Main(m.Run)) }

// node is an indexer over an index.
type node struct {
	*Indexer
	t     *testing.T
	chain *indexertest.Simulation
	index *index.Index
	stop  func()
}

func newNode(t *testing.T, cfg index.Config, chain *indexertest.Simulation) *node {
	t.Helper()
	store, err := index.Open(context.Background(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	return &node{
		Indexer: New(Deps{Chain: chain, Index: store, Log: slog.New(slog.DiscardHandler)}),
		t:       t, chain: chain, index: store,
	}
}

func onSQLite(t *testing.T) index.Config {
	return index.Config{Path: filepath.Join(t.TempDir(), "index.db")}
}

// run follows the chain until stop is called.
func (n *node) run() {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	var once sync.Once
	n.stop = func() {
		once.Do(func() {
			cancel()
			require.NoError(n.t, <-done)
		})
	}
	n.t.Cleanup(n.stop)
}

// reaches waits until the newest block is in the index.
func (n *node) reaches() {
	n.t.Helper()
	require.Eventually(n.t, func() bool { return n.head.Load() == n.chain.Height }, 60*time.Second, time.Millisecond)
}

// everything is what the chain knows: all samples and all that ever were in a round.
func everything(t *testing.T, chain *indexertest.Simulation, seen map[[32]byte]bool) {
	t.Helper()
	page := &query.PageRequest{Limit: 1000}
	answer, err := chain.Samples().Samples(context.Background(), &samplestypes.QuerySamplesRequest{Pagination: page})
	require.NoError(t, err)
	for _, entry := range answer.Entries {
		seen[[32]byte(entry.Sha256)] = true
	}
}

// agrees compares what the index says of a sample with the chain. Verdicts of rounds that
// the chain has pruned are compared when withPruned says what the index has of them.
func (n *node) agrees(sha256 [32]byte) {
	n.t.Helper()
	ctx, id := context.Background(), hex.EncodeToString(sha256[:])
	stored, err := n.index.Sample(ctx, sha256)
	record, chainErr := n.chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: id})
	if status.Code(chainErr) == codes.NotFound {
		require.ErrorIs(n.t, err, index.ErrNotFound, "sample %s", id)
	} else {
		require.NoError(n.t, err, "sample %s", id)
		s := record.Entry.Sample
		require.Equal(n.t, samplestypes.Sample{
			Kind: s.Kind, SizeBytes: s.SizeBytes, Contributor: s.Contributor, Gateway: s.Gateway,
			SubmittedHeight: s.SubmittedHeight, SubmittedTime: s.SubmittedTime, Status: s.Status, Round: s.Round,
		}, stored, "sample %s", id)
	}

	report, err := n.index.Report(ctx, sha256, 0)
	answer, chainErr := n.chain.Verdicts().Report(ctx, &verdictstypes.QueryReportRequest{Sha256: id})
	if status.Code(chainErr) == codes.NotFound || chainErr == nil && answer.Report.Round.Status != verdictstypes.ROUND_STATUS_FINAL {
		require.ErrorIs(n.t, err, index.ErrNotFound, "report of %s", id)
		return
	}
	require.NoError(n.t, chainErr)
	require.NoError(n.t, err, "report of %s, round %d", id, answer.Report.Round.Number)
	require.Equal(n.t, answer.Report.Round.Number, report.Round.Number, "report of %s", id)
	require.Equal(n.t, answer.Report.Outcome, report.Outcome, "report of %s", id)
	if !answer.Report.Round.Pruned {
		require.Equal(n.t, answer.Report.Verdicts, report.Verdicts, "report of %s", id)
		require.Equal(n.t, answer.Report.FileType, report.FileType, "report of %s", id)
		require.Equal(n.t, answer.Report.Index, report.Index, "report of %s", id)
	}
	n.agreesInHistory(sha256, id)
}

func (n *node) agreesInHistory(sha256 [32]byte, id string) {
	n.t.Helper()
	var want, have []verdictstypes.HistoryEntry
	require.NoError(n.t, n.history(context.Background(), sha256[:], func(e verdictstypes.HistoryEntry) {
		want = append([]verdictstypes.HistoryEntry{e}, want...)
	}))
	reports, err := n.index.History(context.Background(), sha256, 1<<62, 1000)
	require.NoError(n.t, err)
	for _, report := range reports {
		have = append(have, verdictstypes.HistoryEntry{Round: report.Round.Number, Outcome: report.Outcome})
	}
	for len(want) > 0 && (len(have) == 0 || want[0] != have[0]) { // of a round that is being counted
		round, err := n.chain.Verdicts().Round(context.Background(), &verdictstypes.QueryRoundRequest{Number: want[0].Round})
		require.NoError(n.t, err)
		require.NotEqual(n.t, verdictstypes.ROUND_STATUS_FINAL, round.Round.Status, "history of %s lacks round %d", id, want[0].Round)
		want = want[1:]
	}
	require.Equal(n.t, want, have, "history of %s", id)
}
