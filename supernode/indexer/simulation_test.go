package indexer

import (
	"context"
	"errors"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/indexer/indexertest"
	"github.com/virusmap/virusmap/testutil/postgres"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// simulated is a network with all that can happen to samples, followed by many.
type simulated struct {
	*indexertest.Simulation
	// seen are all samples that there ever were.
	seen map[[32]byte]bool
	// kept are the final rounds as they were before they were pruned.
	kept map[uint64]verdictstypes.RoundArchive
}

func simulate(t *testing.T) *simulated {
	return &simulated{indexertest.Simulate(t, 7), make(map[[32]byte]bool), make(map[uint64]verdictstypes.RoundArchive)}
}

// keep notes samples and rounds of the newest block.
func (s *simulated) keep(t *testing.T) {
	everything(t, s.Simulation, s.seen)
	answer, err := s.Verdicts().Rounds(t.Context(), &verdictstypes.QueryRoundsRequest{})
	require.NoError(t, err)
	for _, round := range answer.Rounds {
		if _, kept := s.kept[round.Number]; kept || round.Pruned || round.Status != verdictstypes.ROUND_STATUS_FINAL {
			continue
		}
		members, err := s.Verdicts().Members(t.Context(), &verdictstypes.QueryMembersRequest{Round: round.Number})
		require.NoError(t, err)
		attestations, err := s.Verdicts().Attestations(t.Context(), &verdictstypes.QueryAttestationsRequest{Round: round.Number})
		require.NoError(t, err)
		s.kept[round.Number] = verdictstypes.RoundArchive{Round: round, Members: members.Hashes, Attestations: attestations.Attestations}
	}
}

func (s *simulated) archive(_ context.Context, round uint64) (verdictstypes.RoundArchive, error) {
	kept, found := s.kept[round]
	if !found {
		return kept, errors.New("not kept")
	}
	return kept, nil
}

// TestIndexSaysWhatTheChainSays follows a simulated network, with appeals, take-downs,
// rescans, void rounds, expiry and pruning, on both databases. One of the indexers is
// stopped now and then and finds itself some blocks back, as after a crash. In the end one
// begins when the blocks are gone, and one without an archive of the rounds.
func TestIndexSaysWhatTheChainSays(t *testing.T) {
	s := simulate(t)
	steady := newNode(t, onSQLite(t), s.Simulation)
	stumbling := newNode(t, index.Config{URL: postgres.URL(t)}, s.Simulation)
	steady.run()
	stumbling.run()
	random := rand.New(rand.NewSource(1))
	for block := range 160 {
		s.Step()
		s.keep(t)
		steady.reaches() // before the next block prunes what this one found out
		stumbling.reaches()
		if block%20 == 0 {
			steady.agreesOn(s.seen)
			stumbling.agreesOn(s.seen)
		}
		if random.Intn(4) == 0 {
			stumbling = stumbling.stumble(random.Int63n(6))
		}
	}
	steady.agreesOn(s.seen)
	stumbling.agreesOn(s.seen)
	requireMuchHappened(t, s)
	want := steady.statistics()
	require.Equal(t, want, stumbling.statistics())
	for _, n := range []*node{steady, stumbling} {
		progress, err := n.index.Progress(t.Context())
		require.NoError(t, err)
		require.Zero(t, progress.Missing)
		n.stop()
	}

	s.Prune(s.Height)
	late := newNode(t, onSQLite(t), s.Simulation)
	late.deps.Archive = s.archive
	late.run()
	late.reaches()
	late.agreesOn(s.seen)
	for name, value := range want.Total {
		if !strings.HasPrefix(name, "samples_") { // of which some have expired
			require.Equal(t, value, late.statistics().Total[name], name)
		}
	}

	poor := newNode(t, onSQLite(t), s.Simulation)
	poor.run()
	poor.reaches()
	progress, err := poor.index.Progress(t.Context())
	require.NoError(t, err)
	require.Positive(t, progress.Missing)
	registered := make(map[[32]byte]bool)
	everything(t, s.Simulation, registered)
	poor.agreesOn(registered)
}

// stumble stops and begins again some blocks back, with nothing in memory.
func (n *node) stumble(back int64) *node {
	n.t.Helper()
	n.stop()
	progress, err := n.index.Progress(context.Background())
	require.NoError(n.t, err)
	progress.Height = max(progress.Height-back, 0)
	require.NoError(n.t, n.index.SetProgress(context.Background(), progress))
	again := &node{Indexer: New(n.deps), t: n.t, chain: n.chain, index: n.index}
	again.run()
	again.reaches()
	return again
}

func (n *node) agreesOn(samples map[[32]byte]bool) {
	n.t.Helper()
	for sha256 := range samples {
		n.agrees(sha256)
	}
}

func (n *node) statistics() index.Statistics {
	n.t.Helper()
	statistics, err := n.index.Statistics(context.Background(), 1000, n.chain.Time.Add(time.Hour))
	require.NoError(n.t, err)
	return statistics
}

// requireMuchHappened sees to it that this test does not get easier unnoticed.
func requireMuchHappened(t *testing.T, s *simulated) {
	t.Helper()
	happened := make(map[string]int)
	for _, kept := range s.kept {
		happened[kept.Round.Kind.String()]++
	}
	for sha256 := range s.seen {
		sample, err := s.App.SamplesKeeper.Get(s.Context(), sha256[:])
		if err != nil {
			happened["expired"]++
			continue
		}
		happened[sample.Status.String()]++
	}
	answer, err := s.Verdicts().Rounds(t.Context(), &verdictstypes.QueryRoundsRequest{})
	require.NoError(t, err)
	for _, round := range answer.Rounds {
		happened[round.Status.String()]++
		if round.Pruned {
			happened["pruned"]++
		}
	}
	for _, want := range []string{
		verdictstypes.ROUND_KIND_RETROSPECTIVE.String(), verdictstypes.ROUND_KIND_RESCAN.String(), verdictstypes.ROUND_KIND_APPEAL.String(),
		verdictstypes.ROUND_STATUS_VOID.String(), samplestypes.STATUS_BLOCKED.String(), "expired", "pruned",
	} {
		require.Positive(t, happened[want], "%s of %v", want, happened)
	}
}
