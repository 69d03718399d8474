package rewards

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/recount/rounds"
	bounty "github.com/virusmap/virusmap/x/bounty/types"
	samples "github.com/virusmap/virusmap/x/samples/types"
	supernode "github.com/virusmap/virusmap/x/supernode/types"
	verdicts "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestAgreedKeysHaveMoreThanHalfOfTheWeight(t *testing.T) {
	vote := func(weights ...uint64) sampleKeys {
		var v vote
		for i, weight := range weights {
			keys := keysOf(0, string(rune('a'+min(i, 1)))) // the first alone, the others alike
			keys[3] = [keyBytes]byte{1}
			row := make([]byte, 0, slots*keyBytes)
			for _, key := range keys {
				row = append(row, key[:]...)
			}
			v.add(row, weight)
		}
		return v.agreed()
	}
	require.Equal(t, keysOf(0, "b")[0], vote(2, 1, 2)[0], "3 of 5")
	require.Zero(t, vote(2, 1, 1)[0], "2 of 4 are not more than half")
	require.Equal(t, [keyBytes]byte{1}, vote(2, 1, 1)[3], "each slot by itself")
	require.Zero(t, vote(0, 0)[3], "nobody with any weight")
}

func TestMissed(t *testing.T) {
	engine := func(weight uint64, category verdicts.Category) rounds.Engine {
		return rounds.Engine{Weight: weight, Cells: []byte{byte(category) << 4}}
	}
	require.EqualValues(t, 666_666, missed([]rounds.Engine{
		engine(1, verdicts.CATEGORY_SUSPICIOUS), engine(2, verdicts.CATEGORY_UNDETECTED), engine(9, verdicts.CATEGORY_TIMEOUT),
	}, 0), "2 of 3; a timeout does not count")
	require.Zero(t, missed([]rounds.Engine{engine(1, verdicts.CATEGORY_FAILURE)}, 0))
}

func TestWorthRoundsDownAfterEachTerm(t *testing.T) {
	score := &bounty.Score{Rank: 2, MissedPpm: 666_666, Rules: bounty.ScoreRules{
		RarityFloorPpm: 200_000, NoveltyPpm: 166_666, SightingsFull: 3, KindPpm: 1_000_000, ChannelPpm: 900_000,
	}}
	// rarity 200000 + 533332.8 = 733332; × 0.166666 = 122221.5; × 0.333333 = 40740.3; × 0.9 = 36666
	require.EqualValues(t, 36_666, worth(score, 1))
	require.Zero(t, worth(score, 0))
	score.Rank = 4 // 166666, 27777, 4629
	require.EqualValues(t, 4_629, novelty(score))
}

func TestMutantsJoinByTheFirstKnownKey(t *testing.T) {
	a := newAudit(t, nil)
	first, mutant, other := a.submit("first", "ann", account("sidecar of a")), a.submit("mutant", "ben", account("sidecar of b")), a.submit("other", "ann", "")
	j := judgementOf(0, false, first, mutant, other)
	j.keys[first], j.keys[mutant] = keysOf(2, "family"), keysOf(2, "family")
	mutantKeys := j.keys[mutant]
	mutantKeys[5] = [keyBytes]byte{5}
	j.keys[mutant] = mutantKeys
	for i := range j.members {
		a.scoreMember(j, i)
	}
	require.EqualValues(t, 2, a.scores[mutant].Rank)
	cluster := a.clusters[first]
	require.Equal(t, []string{account("b")}, cluster.Sighters, "another contributor came through another gateway")
	require.EqualValues(t, 2, cluster.Keys)
	require.EqualValues(t, 1, a.scores[other].Rank)
	require.EqualValues(t, 1_000_000, a.scores[other].Rules.ChannelPpm)
}

// Who claimed first is scored first, but only when somebody claimed anything then.
func TestPriorityMustBeThatOfAClaim(t *testing.T) {
	for name, test := range map[string]struct {
		told int64
		want int64
	}{
		"its submission": {100, 100}, "a claim": {90, 90}, "no claim": {91, 100}, "too old a claim": {10, 100}, "the future": {101, 100},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAudit(t, func(s *State) { s.Samples.Params.ClaimWindowBlocks = 20 })
			member := a.submit("it", "ann", "")
			for _, height := range []int64{10, 90} {
				a.register.apply(&samples.EventClaimed{Claims: 1}, height)
			}
			a.told.note(&bounty.EventScored{Sha256: []byte(member), PriorityHeight: test.told})
			require.Equal(t, test.want, a.checkPriority(member, a.register.samples[member]))
		})
	}
}

func TestSamplesThatAreNotScored(t *testing.T) {
	a := newAudit(t, nil)
	blocked, invalid, clean := a.submit("blocked", "ann", ""), a.submit("invalid", "ann", ""), a.submit("clean", "ann", "")
	a.register.apply(&samples.EventBlocked{Sha256: []byte(blocked)}, 100)
	a.register.samples[invalid].invalid = true
	a.sightings[clean] = map[string]bool{account("b"): true}
	j := judgementOf(2, true, blocked, invalid, clean, hash("never submitted"))
	j.truths[2] = verdicts.OUTCOME_CLEAN
	values := make([]uint64, len(j.members))
	for i := range j.members {
		values[i] = a.scoreMember(j, i)
	}
	require.Empty(t, a.scores)
	require.Equal(t, []uint64{0, 0, 100_000, 0}, values)
	require.Empty(t, a.sightings, "the last judgement is over")
}

// A truth that is found late is paid in full; the newcomer's cap counts as paid.
func TestCreditsOfAllStages(t *testing.T) {
	a := newAudit(t, func(s *State) {
		s.Bounty.Params.SightingsFull, s.Bounty.Params.NewcomerPoints, s.Bounty.Params.EstablishedPoints = 0, 100_000, 100_000
		s.Samples.Params.ClaimWindowBlocks = 2
	})
	member := a.submit("it", "ann", "")
	a.scoreMember(judgementOf(0, false, member), 0)
	a.giveCredits()
	require.Empty(t, a.points, "an older claim may still come")
	a.register.apply(&samples.EventContributorReplaced{Sha256: []byte(member), Contributor: account("ben")}, 101)
	a.height = 102
	a.giveCredits()
	// Everybody detected it: worth 200,000, of which 400,000 ppm are decided.
	require.EqualValues(t, 80_000, a.points[account("ben")][1].points)

	turned := judgementOf(1, false, member)
	turned.truths[0] = verdicts.OUTCOME_CLEAN
	a.scoreMember(turned, 0)
	a.giveCredits()
	require.EqualValues(t, 80_000, a.standings[account("ben")])

	a.scoreMember(judgementOf(2, true, member), 0)
	a.giveCredits()
	stages := a.scores[member].Stages
	require.EqualValues(t, 20_000, stages[2].Points, "what the cap left")
	require.EqualValues(t, 100_000, stages[2].Capped, "200,000 are due, 80,000 were given")
	require.EqualValues(t, 100_000, a.running().contributorPoints)

	second := a.submit("second", "ben", "")
	a.height = 104
	a.scoreMember(judgementOf(0, false, second), 0)
	a.giveCredits()
	require.EqualValues(t, 180_000, a.standings[account("ben")], "who has earned 100,000 is no newcomer")
}

func TestWhatIsGoneOrBlockedEarnsNothing(t *testing.T) {
	a := newAudit(t, func(s *State) { s.Bounty.Params.SightingsFull, s.Samples.Params.ClaimWindowBlocks = 0, 0 })
	gone, blocked := a.submit("gone", "ann", ""), a.submit("blocked", "ann", "")
	j := judgementOf(0, false, gone, blocked)
	a.scoreMember(j, 0)
	a.scoreMember(j, 1)
	a.register.apply(&samples.EventExpired{Sha256: []byte(gone)}, 100)
	a.register.apply(&samples.EventBlocked{Sha256: []byte(blocked)}, 100)
	a.giveCredits()
	require.Empty(t, a.points)
	for _, member := range []string{gone, blocked} {
		require.Equal(t, bounty.StageScore{Malicious: true, Score: 200_000, Epoch: 1, Credited: true}, a.scores[member].Stages[0])
	}
}

// Engines share the worth of a sample by weight: 0.4 × 166,666 = 66,666 to 1 : 2.
func TestEnginePoints(t *testing.T) {
	a := newAudit(t, nil)
	j := judgementOf(0, false, hash("mutant"))
	malicious, clean := []byte{byte(verdicts.CATEGORY_MALICIOUS) << 4}, []byte{byte(verdicts.CATEGORY_HARMLESS) << 4}
	j.engines = []rounds.Engine{
		{Operator: account("a"), Weight: 1, Cells: malicious},
		{Operator: account("b"), Weight: 1, Cells: malicious},
		{Operator: account("b"), Weight: 1, Cells: malicious},
		{Operator: account("c"), Weight: 9, Cells: clean},
	}
	a.scoreEngines(j, []uint64{166_666})
	require.EqualValues(t, 22_222, a.work(account("a")).EnginePoints)
	require.EqualValues(t, 44_444, a.work(account("b")).EnginePoints)
	require.EqualValues(t, 66_666, a.running().enginePoints)
	require.NotContains(t, a.running().works, account("c"))
}

func TestSightingsCountOnce(t *testing.T) {
	a := newAudit(t, nil)
	member := a.submit("it", "ann", account("sidecar of a"))
	see := func(operator string) int {
		before := a.Report.Different()
		a.sight(&bounty.EventSighted{Sha256: []byte(member), Operator: account(operator)})
		return a.Report.Different() - before
	}
	require.Zero(t, see("b"))
	require.Equal(t, 1, see("b"), "twice")
	require.Equal(t, 1, see("a"), "through its own gateway")
	require.Equal(t, 1, see("stranger"))
	a.operators.apply(&supernode.EventRegistered{Operator: account("c"), Sidecar: account("sidecar of c")})
	a.scoreMember(judgementOf(0, false, member), 0)
	require.Zero(t, see("c"), "after it was scored")
	require.Equal(t, []string{account("b"), account("c")}, sortedSighters(a.clusters[member].Sighters))
}

func sortedSighters(sighters []string) []string {
	want := []string{account("b"), account("c")}
	return slices.DeleteFunc(want, func(operator string) bool { return !slices.Contains(sighters, operator) })
}

// A cluster that got no member for long is forgotten, keys first, a few records a block.
func TestForgetting(t *testing.T) {
	a := newAudit(t, func(s *State) {
		s.Bounty.Params.MaxPrunesPerBlock, s.Bounty.Params.ClusterTtlSeconds, s.Samples.Params.ClaimWindowBlocks = 2, 600, 0
	})
	member := a.submit("it", "ann", "")
	j := judgementOf(0, false, member)
	for slot := range 3 {
		keys := j.keys[member]
		keys[slot] = [keyBytes]byte{byte(slot + 1)}
		j.keys[member] = keys
	}
	a.scoreMember(j, 0)
	a.giveCredits()
	a.register.apply(&samples.EventExpired{Sha256: []byte(member)}, 100)
	a.now = 1599
	a.expireClusters()
	require.Len(t, a.keys, 3)
	a.now = 1600
	a.expireClusters()
	require.Len(t, a.keys, 1)
	require.Contains(t, a.clusters, member)
	a.expireClusters() // the last key and the member
	require.Empty(t, a.keys)
	require.Empty(t, a.scores)
	require.Contains(t, a.clusters, member)
	a.expireClusters()
	require.Empty(t, a.clusters)
	require.Empty(t, a.members)
}

func TestQueueIsInOrder(t *testing.T) {
	var q queue
	for _, d := range []due{{2, "b"}, {1, "z"}, {2, "a"}, {2, "a"}, {3, "c"}} {
		q.add(d)
	}
	q.remove(due{1, "z"})
	q.add(due{1, "z"})
	require.Equal(t, []due{{1, "z"}, {2, "a"}}, q.due(2, 2))
	require.Equal(t, []due{{1, "z"}, {2, "a"}, {2, "b"}}, q.take(2, 9))
	require.Empty(t, q.take(2, 9))
	require.Len(t, q.waiting, 1)
	require.True(t, bytes.Equal([]byte("c"), []byte(q.take(3, 1)[0].hash)))
}
