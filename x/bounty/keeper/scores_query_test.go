package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func TestExplain(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.SightingsFull = 2 })
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	s.report(s.nodes[1], party("other"), sha256)
	s.hear(s.judgement(1, 0, sha256))
	s.credit()
	s.hear(s.judgement(1, 1, sha256))
	rewards, err := s.keeper.Epochs.Get(s.ctx, 1)
	require.NoError(t, err)
	settled := rewards
	settled.Contributors = math.NewInt(7_000_000)
	settled.ContributorPoints = 240_000
	require.NoError(t, s.keeper.Epochs.Set(s.ctx, 1, settled))

	explained, err := s.queries.Explain(s.ctx, &types.QueryExplainRequest{Sha256: fmt.Sprintf("%X", sha256)})
	require.NoError(t, err)
	require.Equal(t, s.score(sha256), explained.Score)
	require.Len(t, explained.Stages, 2)
	require.EqualValues(t, 120_000, explained.Stages[0].Stage.Points)
	require.Equal(t, math.NewInt(3_500_000), explained.Stages[0].Reward)
	require.Equal(t, math.ZeroInt(), explained.Stages[1].Reward)
	require.Contains(t, explained.Text, "points   0.120000")
	require.Contains(t, explained.Text, "reward   3500000uvmt")
	require.Contains(t, explained.Text, "waits to be given")
	require.NoError(t, s.keeper.Epochs.Set(s.ctx, 1, rewards))
}

func TestScoreQueriesRefuse(t *testing.T) {
	s := newScoring(t)
	for text, want := range map[string]codes.Code{
		"":                            codes.InvalidArgument,
		"zz":                          codes.InvalidArgument,
		"00":                          codes.InvalidArgument,
		fmt.Sprintf("%064x", 1):       codes.NotFound,
		fmt.Sprintf("%064x", 1) + "0": codes.InvalidArgument,
	} {
		_, err := s.queries.Explain(s.ctx, &types.QueryExplainRequest{Sha256: text})
		require.Equal(t, want, status.Code(err), text)
		_, err = s.queries.Cluster(s.ctx, &types.QueryClusterRequest{Sha256: text})
		require.Equal(t, want, status.Code(err), text)
	}
}
