package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// inTheMiddle has a cluster of two members, of which one waits for points, and sightings
// of a third sample.
func inTheMiddle(t *testing.T) (s *scoring, first, second []byte) {
	s = newScoring(t)
	first, second = s.submit("first", s.nodes[0], party("contributor")), s.submit("second", s.nodes[1], party("other"))
	third := s.submit("third", s.nodes[0], party("contributor"))
	s.report(s.nodes[2], party("other"), first, third)
	s.hear(resembling(resembling(s.judgement(1, 0, first), 0, "content"), 7, "piece"))
	s.credit()
	s.hear(resembling(s.judgement(2, 0, second), 7, "piece"))
	return s, first, second
}

func TestScoresRoundTrip(t *testing.T) {
	s, first, second := inTheMiddle(t)
	exported := s.export()
	require.Len(t, exported.Scores, 2)
	require.Len(t, exported.Clusters, 1)
	require.Len(t, exported.Clusters[0].Sighters, 2)
	require.Len(t, exported.Keys, 2)
	require.Len(t, exported.Credits, 1)
	require.Len(t, exported.Sightings, 1)
	require.Len(t, exported.SightingCounts, 1)

	other := newScoring(t)
	scores := *types.DefaultGenesis()
	scores.Scores, scores.Clusters, scores.Keys = exported.Scores, exported.Clusters, exported.Keys
	scores.Credits, scores.Sightings, scores.SightingCounts = exported.Credits, exported.Sightings, exported.SightingCounts
	require.NoError(t, other.keeper.InitGenesis(other.ctx, scores))
	require.NoError(t, other.keeper.ScoresInvariant(other.ctx))
	want, err := scores.Marshal()
	require.NoError(t, err)
	got, err := other.export().Marshal()
	require.NoError(t, err)
	require.Equal(t, want, got)

	// Both go on alike.
	for _, chain := range []*scoring{s, other} {
		if chain == other {
			other.submit("first", other.nodes[0], party("contributor"))
			other.submit("second", other.nodes[1], party("other"))
			other.ctx = other.ctx.WithBlockHeight(s.ctx.BlockHeight())
		}
		chain.credit()
		require.Equal(t, []uint64{39_999}, chain.points(second))
		require.Equal(t, first, chain.score(second).Cluster)
	}
}

func TestScoresInvariantNoticesDamage(t *testing.T) {
	zeros := bytes.Repeat([]byte{0}, 32)
	for name, damage := range map[string]func(s *scoring, first, second []byte) error{
		"lost score":    func(s *scoring, first, _ []byte) error { return s.keeper.Scores.Remove(s.ctx, first) },
		"lost cluster":  func(s *scoring, first, _ []byte) error { return s.keeper.Clusters.Remove(s.ctx, first) },
		"lost keys":     func(s *scoring, _, _ []byte) error { return s.keeper.Keys.Clear(s.ctx, nil) },
		"lost key list": func(s *scoring, _, _ []byte) error { return s.keeper.ClusterKeys.Clear(s.ctx, nil) },
		"lost members":  func(s *scoring, _, _ []byte) error { return s.keeper.ClusterMembers.Clear(s.ctx, nil) },
		"lost expiry":   func(s *scoring, _, _ []byte) error { return s.keeper.ClusterExpiry.Clear(s.ctx, nil) },
		"lost credit":   func(s *scoring, _, _ []byte) error { return s.keeper.Credits.Clear(s.ctx, nil) },
		"queued twice": func(s *scoring, _, second []byte) error {
			return s.keeper.Credits.Set(s.ctx, collections.Join(int64(9999), second))
		},
		"queued for none": func(s *scoring, first, _ []byte) error {
			return s.keeper.Credits.Set(s.ctx, collections.Join(int64(9999), first))
		},
		"foreign member": func(s *scoring, first, _ []byte) error {
			return s.keeper.ClusterMembers.Set(s.ctx, collections.Join(first, zeros))
		},
		"foreign expiry": func(s *scoring, _, _ []byte) error {
			return s.keeper.ClusterExpiry.Set(s.ctx, collections.Join(int64(1), zeros))
		},
		"foreign key": func(s *scoring, first, _ []byte) error {
			return s.keeper.ClusterKeys.Set(s.ctx, collections.Join3(first, uint32(1), zeros[:8]))
		},
		"sighting of a score": func(s *scoring, first, _ []byte) error {
			return s.keeper.Sightings.Set(s.ctx, collections.Join(first, s.nodes[3].operator))
		},
		"under another hash": func(s *scoring, first, second []byte) error {
			if err := s.keeper.Scores.Remove(s.ctx, second); err != nil {
				return err
			}
			score := s.score(first)
			score.Rank = 2
			return s.keeper.Scores.Set(s.ctx, second, score)
		},
		"cluster under another hash": func(s *scoring, first, _ []byte) error {
			cluster := s.cluster(first)
			return s.keeper.Clusters.Set(s.ctx, zeros, cluster)
		},
		"rank twice": func(s *scoring, _, second []byte) error {
			score := s.score(second)
			score.Rank = 1
			return s.keeper.Scores.Set(s.ctx, second, score)
		},
		"own operator as sighter": func(s *scoring, first, _ []byte) error {
			cluster := s.cluster(first)
			cluster.Sighters[0] = cluster.Operator
			return s.keeper.Clusters.Set(s.ctx, first, cluster)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, first, second := inTheMiddle(t)
			whole := s.ctx
			s.ctx, _ = s.ctx.CacheContext()
			require.NoError(t, damage(s, first, second))
			require.ErrorIs(t, s.keeper.ScoresInvariant(s.ctx), types.ErrInvariant)
			s.ctx = whole
		})
	}
}

// A cluster that cannot be read is not tried again in every block.
func TestUnreadableClusterIsDropped(t *testing.T) {
	s := newScoring(t)
	lost := bytes.Repeat([]byte{7}, 32)
	require.NoError(t, s.keeper.ClusterExpiry.Set(s.ctx, collections.Join(int64(1), lost)))
	s.endBlock(1)
	require.Zero(t, count(s, s.keeper.ClusterExpiry))
	failures := happened[*types.EventItemFailed](s)
	require.Len(t, failures, 1)
	require.Equal(t, "cluster_expiry", failures[0].Queue)
}
