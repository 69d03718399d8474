package keeper_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestMembersRankByWhoHadThemFirst(t *testing.T) {
	s := newScoring(t)
	late := s.submit("late", s.nodes[0], party("contributor"))
	s.endBlock(1)
	later := [][]byte{s.submit("later 1", s.nodes[0], party("contributor")), s.submit("later 2", s.nodes[0], party("contributor"))}
	other := s.submit("other", s.nodes[0], party("contributor"))
	j := resembling(s.judgement(7, 0, append(later, late)...), 4, "band")
	s.hear(j)
	s.hear(s.judgement(8, 0, other))

	require.EqualValues(t, 1, s.score(late).Rank, "it was there a block before")
	ranks := []uint32{0, 0}
	for i, sha256 := range j.Members {
		if score := s.score(sha256); score.Rank > 1 {
			ranks[score.Rank-2] = uint32(i)
		}
		require.Equal(t, late, s.score(sha256).Cluster)
	}
	require.Less(t, ranks[0], ranks[1], "those of one block rank by hash")
	require.EqualValues(t, 1, s.score(other).Rank)
	require.Equal(t, other, s.score(other).Cluster, "without keys it resembles nothing")

	events := happened[*types.EventScored](s)
	require.Len(t, events, 4)
	require.Equal(t, &types.EventScored{Sha256: late, Round: 7, Cluster: late, Rank: 1, MissedPpm: 500_000, PriorityHeight: 1}, events[0])
	require.Equal(t, types.Cluster{
		Id: late, Members: 3, Contributor: party("contributor").String(), Operator: s.nodes[0].operator.String(),
		Keys: 1, ExpiryTime: s.ctx.BlockTime().Unix() + 180*24*3600, MissedPpm: 500_000,
	}, s.cluster(later[0]))
}

// A mutant that fewer engines detect is no rarer than the file it was made of; one that
// more detect is less rare.
func TestNoMemberIsRarerThanTheFirst(t *testing.T) {
	s := newScoring(t)
	find := func(content string, round uint64, categories ...verdictstypes.Category) uint32 {
		sha256 := s.submit(content, s.nodes[0], party("contributor"))
		j := resembling(s.judgement(round, 0, sha256), 4, "band")
		for i, category := range categories {
			j.Columns[i] = s.column(i, category, 1)
		}
		s.hear(j)
		return s.score(sha256).MissedPpm
	}
	detects, misses := verdictstypes.CATEGORY_MALICIOUS, verdictstypes.CATEGORY_UNDETECTED
	require.EqualValues(t, 500_000, find("first", 1, detects, misses))
	require.EqualValues(t, 500_000, find("nobody detects", 2, misses, misses))
	require.EqualValues(t, 0, find("everybody detects", 3, detects, detects))
	require.EqualValues(t, 500_000, find("nobody again", 4, misses, misses))
}

// The first slot with a known key decides, and a member brings its other keys along.
func TestKeysLeadToClusters(t *testing.T) {
	s := newScoring(t)
	keyed := func(content string, round uint64, keys map[int]string) []byte {
		sha256 := s.submit(content, s.nodes[0], party("contributor"))
		j := s.judgement(round, 0, sha256)
		for slot, key := range keys {
			resembling(j, slot, key)
		}
		s.hear(j)
		return sha256
	}
	a := keyed("a", 1, map[int]string{0: "A", 3: "x"})
	b := keyed("b", 2, map[int]string{0: "B", 5: "y"})
	require.Equal(t, a, s.score(keyed("first slot", 3, map[int]string{0: "A", 5: "y"})).Cluster)
	require.Equal(t, b, s.score(keyed("later slot", 4, map[int]string{0: "C", 5: "y"})).Cluster)
	require.Equal(t, b, s.score(keyed("key of the one before", 5, map[int]string{0: "C"})).Cluster)
	alone := keyed("same key in another slot", 6, map[int]string{1: "A"})
	require.Equal(t, alone, s.score(alone).Cluster)
	require.EqualValues(t, 2, s.cluster(a).Members)
	require.EqualValues(t, 2, s.cluster(a).Keys)
	require.EqualValues(t, 3, s.cluster(b).Members)
	require.EqualValues(t, 3, s.cluster(b).Keys)
}

// Ten thousand mutants of one file, each with some fresh keys, are worth less than a fifth
// of it together.
func TestMutantsEarnNextToNothing(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.MaxCreditsPerBlock = 4096 })
	original := s.submit("original", s.nodes[0], party("author"))
	s.hear(resembling(s.judgement(1, 0, original), 0, "same"))
	s.endBlock(1)
	for round := range uint64(5) {
		mutants := make([][]byte, 2000)
		for i := range mutants {
			mutants[i] = s.submit(fmt.Sprint("mutant ", round, i), s.nodes[0], party("mutator"))
		}
		j := resembling(s.judgement(2+round, 0, mutants...), 0, "same")
		for i := range mutants {
			copy(j.Features[i].Keys[1][:], fmt.Sprint(round, i))
		}
		s.hear(j)
		s.endBlock(1)
	}
	require.EqualValues(t, 10_001, s.cluster(original).Members)
	require.EqualValues(t, types.MaxClusterKeys, s.cluster(original).Keys)
	s.endBlock(claimWindow)
	for range 3 {
		s.endBlock(1)
	}
	require.Zero(t, count(s, s.keeper.Credits))
	require.EqualValues(t, 240_000, s.earned(party("author")))
	require.NotZero(t, s.earned(party("mutator")))
	require.Less(t, 5*s.earned(party("mutator")), s.earned(party("author")))
}

func TestSamplesThatAreNotScored(t *testing.T) {
	s := newScoring(t)
	fine := s.submit("fine", s.nodes[0], party("contributor"))
	blocked := s.submit("blocked", s.nodes[0], party("contributor"))
	s.takeDown(blocked)
	invalid := s.submit("invalid", s.nodes[0], party("contributor"))
	s.setStatus(invalid, samplestypes.STATUS_INVALID)
	clean := s.submit("clean", s.nodes[0], party("contributor"))
	gone := bytes.Repeat([]byte{7}, 32)
	j := s.judgement(1, 0, fine, blocked, invalid, clean, gone)
	j.Truths[slices.IndexFunc(j.Members, func(m []byte) bool { return bytes.Equal(m, clean) })] = verdictstypes.OUTCOME_CLEAN
	s.hear(j)
	require.False(t, s.unscored(fine))
	for _, sha256 := range [][]byte{blocked, invalid, clean, gone} {
		require.True(t, s.unscored(sha256))
	}
}

// large hears all stages of a round over n samples of one cluster, with two keys each.
func (s *scoring) large(n int) (members [][]byte) {
	for i := range n {
		members = append(members, s.submit(fmt.Sprint("large ", i), s.nodes[0], party("contributor")))
	}
	j := resembling(s.judgement(1, 0, members...), 0, "same")
	for i := range members {
		copy(j.Features[i].Keys[1][:], fmt.Sprint("key ", i))
	}
	s.hear(j)
	s.hear(s.judgement(1, 1, members...))
	s.hear(s.judgement(1, 2, members...))
	return members
}

// A cluster is forgotten a while after its newest member: first what leads to it, some
// records in each block.
func TestClustersAreForgotten(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.ClusterTtlSeconds, p.MaxPrunesPerBlock = 1000, 10 })
	members := s.large(24)
	s.credit()
	s.endBlock(999 - claimWindow - 1)
	s.endBlock(1)
	require.EqualValues(t, 25, s.cluster(members[0]).Keys, "a second too early")

	records := func() int {
		return count(s, s.keeper.ClusterKeys) + count(s, s.keeper.ClusterMembers) + count(s, s.keeper.ClusterExpiry)
	}
	for before := records(); before > 0; before = records() {
		s.endBlock(1)
		require.Equal(t, min(10, before), before-records())
		require.NoError(t, s.keeper.AllInvariants(s.ctx))
		if count(s, s.keeper.ClusterKeys) > 0 {
			require.Equal(t, 24, count(s, s.keeper.ClusterMembers))
		}
	}
	for _, sha256 := range members {
		require.True(t, s.unscored(sha256))
	}
	exported, err := s.keeper.ExportGenesis(s.ctx)
	require.NoError(t, err)
	require.Empty(t, exported.Scores)
	require.Empty(t, exported.Keys)
	require.Empty(t, exported.Clusters)
	require.NotZero(t, s.earned(party("contributor")), "what was given stays")
}

// A member that joins while its cluster is being forgotten keeps what is left of it.
func TestClusterRevives(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.ClusterTtlSeconds, p.MaxPrunesPerBlock = 1000, 10 })
	members := s.large(12)
	s.credit()
	s.endBlock(1000 - claimWindow - 1)
	s.endBlock(1)
	require.EqualValues(t, 3, s.cluster(members[0]).Keys)

	sha256 := s.submit("newest", s.nodes[0], party("contributor"))
	j := s.judgement(2, 0, sha256)
	for _, left := range s.export().Keys {
		copy(j.Features[0].Keys[left.Slot][:], left.Key)
	}
	s.hear(j)
	require.EqualValues(t, 13, s.score(sha256).Rank)
	s.endBlock(1)
	require.EqualValues(t, 3, s.cluster(members[0]).Keys)
	require.Equal(t, s.ctx.BlockTime().Unix()-1+1000, s.cluster(members[0]).ExpiryTime)
}

// What still waits for points or for a later judgement is not forgotten, or it would be
// paid from the start again.
func TestOpenScoresAreKept(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.ClusterTtlSeconds = 600 })
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	s.hear(resembling(s.judgement(1, 0, sha256), 0, "key"))
	s.endBlock(500)
	s.endBlock(100)
	s.endBlock(1) // gives the points, and comes to the cluster
	require.Equal(t, []uint64{240_000}, s.points(sha256))
	require.Zero(t, s.cluster(sha256).Keys, "nothing joins any more")
	for stage := range uint32(2) {
		s.hear(s.judgement(1, 1+stage, sha256))
		s.endBlock(600)
	}
	require.EqualValues(t, 600_000, s.earned(party("contributor")))
	s.endBlock(1)
	require.True(t, s.unscored(sha256), "its last stage is credited")
}

// A first member whose score is forgotten alone comes back to the cluster of its name.
func TestFirstMemberComesBack(t *testing.T) {
	s := newScoring(t)
	first := s.submit("first", s.nodes[0], party("contributor"))
	second := s.submit("second", s.nodes[0], party("contributor"))
	s.hear(resembling(s.judgement(1, 0, first), 0, "key"))
	s.hear(resembling(s.judgement(2, 0, second), 0, "key"))
	s.credit()
	require.NoError(t, s.keeper.Scores.Remove(s.ctx, first))
	require.NoError(t, s.keeper.ClusterMembers.Remove(s.ctx, collections.Join(first, first)))
	s.hear(s.judgement(3, 0, first))
	require.EqualValues(t, 3, s.score(first).Rank)
	require.EqualValues(t, 3, s.cluster(second).Members)
}

func count[K any](s *scoring, set collections.KeySet[K]) (n int) {
	s.t.Helper()
	require.NoError(s.t, set.Walk(s.ctx, nil, func(K) (bool, error) { n++; return false, nil }))
	return n
}
