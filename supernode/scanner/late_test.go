package scanner

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/engine"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// lateChain knows its height and no commitment. It panics when it is asked for more.
type lateChain struct {
	Chain
	height int64
}

type lateQuery struct{ verdictstypes.QueryClient }

func (c lateChain) Verdicts() verdictstypes.QueryClient { return lateQuery{} }

func (c lateChain) Status(context.Context) (chain.Status, error) {
	return chain.Status{Height: c.height}, nil
}

func (c lateChain) ChainID() string { return "test-1" }

func (lateQuery) Commitment(context.Context, *verdictstypes.QueryCommitmentRequest, ...grpc.CallOption) (*verdictstypes.QueryCommitmentResponse, error) {
	return nil, status.Error(codes.NotFound, "no commitment")
}

func TestRoundThatIsOverIsNotScanned(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Operator, cfg.Dir = sdk.AccAddress("operator").String(), t.TempDir()
	registry := prometheus.NewRegistry()
	s, err := New(t.Context(), cfg, Deps{Chain: lateChain{height: 100}, Metrics: registry, Engines: []engine.Engine{detecting("E")}})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	s.registered.Store(true)
	for _, end := range []int64{100, 99, 1} {
		require.NoError(t, s.commit(t.Context(), verdictstypes.Round{Number: 7, CommitEndHeight: end}), "it is passed over in silence")
		_, err := s.prepare(t.Context(), verdictstypes.Round{Number: 7, CommitEndHeight: end})
		require.ErrorIs(t, err, errTooLate)
	}
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == "virusmap_scanner_rounds_skipped_total" {
			require.EqualValues(t, 3, family.GetMetric()[0].GetCounter().GetValue())
		}
	}
	require.Panics(t, func() { _, _ = s.prepare(t.Context(), verdictstypes.Round{Number: 7, CommitEndHeight: 101}) }, "it is scanned")
}

func TestOnlyThePanelOfAnAppealAnswers(t *testing.T) {
	s := &Scanner{operator: sdk.AccAddress("operator")}
	require.True(t, s.drawn(verdictstypes.Round{}))
	require.True(t, s.drawn(verdictstypes.Round{Panel: []string{"another", s.operator.String()}}))
	require.False(t, s.drawn(verdictstypes.Round{Panel: []string{"another"}}))
}

// Each round asks the engines again, also about a sample that they have seen.
func TestVerdictsAreFreshInEachRound(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
	f.operator(0, v, numbering("First")).start()
	sample := f.seal(v, "evil thing")
	f.submit(sample)
	require.Equal(t, "Scan-1", f.report(sample).Verdicts[0].Label)
	_, err := f.gateway.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{
		&samplestypes.MsgRequestRescan{Requester: f.gateway.Address().String(), Sha256: sample.Sha256},
	}})
	require.NoError(t, err)
	f.eventually("the second round", func() bool { return f.report(sample).Round.Number == 2 })
	require.Equal(t, "Scan-2", f.report(sample).Verdicts[0].Label)
}
