package keeper_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// A file that half of the weight missed is worth 0.6; the k-th member of its cluster a
// sixth of the one before.
func TestPointsByRank(t *testing.T) {
	s := newScoring(t)
	for i, want := range []uint64{240_000, 39_999, 6_666, 1_110, 184, 30, 4, 0} {
		contributor := party(fmt.Sprint("contributor ", i))
		sha256 := s.submit(fmt.Sprint("mutant ", i), s.nodes[0], contributor)
		s.hear(resembling(s.judgement(uint64(1+i), 0, sha256), 0, "same"))
		s.credit()
		require.EqualValues(t, i+1, s.score(sha256).Rank)
		require.Equal(t, []uint64{want}, s.points(sha256), "member %d", i+1)
		require.Equal(t, want, s.earned(contributor))
		require.Equal(t, want > 0, s.accounts.HasAccount(s.ctx, contributor), "who earned can sign a claim")
	}
	events := happened[*types.EventCredited](s)
	require.Len(t, events, 7, "nothing happened for the one that earned nothing")
	require.EqualValues(t, 39_999, events[1].Points)
	require.Equal(t, party("contributor 1").String(), events[1].Contributor)
	require.EqualValues(t, 1, events[1].Epoch)
}

func TestPointsFollowTheTruth(t *testing.T) {
	const malicious, clean, open = verdictstypes.OUTCOME_MALICIOUS, verdictstypes.OUTCOME_CLEAN, verdictstypes.OUTCOME_UNSPECIFIED
	for name, test := range map[string]struct {
		truths [3]verdictstypes.Outcome
		want   []uint64
	}{
		"malicious all along": {[3]verdictstypes.Outcome{malicious, malicious, malicious}, []uint64{240_000, 180_000, 180_000}},
		"found at the end":    {[3]verdictstypes.Outcome{clean, clean, malicious}, []uint64{600_000}},
		"found in the middle": {[3]verdictstypes.Outcome{open, malicious, malicious}, []uint64{420_000, 180_000}},
		"turned clean":        {[3]verdictstypes.Outcome{malicious, clean, clean}, []uint64{240_000, 0, 0}},
		"turned and back":     {[3]verdictstypes.Outcome{malicious, open, malicious}, []uint64{240_000, 0, 360_000}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScoring(t)
			sha256 := s.submit("sample", s.nodes[0], party("contributor"))
			for stage, outcome := range test.truths {
				s.hear(truth(s.judgement(1, uint32(stage), sha256), outcome))
				s.credit()
			}
			require.Equal(t, test.want, s.points(sha256))
		})
	}
	t.Run("never", func(t *testing.T) {
		s := newScoring(t)
		sha256 := s.submit("sample", s.nodes[0], party("contributor"))
		for stage := range uint32(3) {
			s.hear(truth(s.judgement(1, stage, sha256), clean))
		}
		require.True(t, s.unscored(sha256))
	})
}

// The claim of who had the content first may be opened after the outcome: all points are
// the claimant's, and nobody's before.
func TestClaimOpenedAfterTheOutcome(t *testing.T) {
	s := newScoring(t)
	author, copier := party("author"), party("copier")
	submission := chaintest.Submission([]byte("content"), 1)
	salt := bytes.Repeat([]byte{7}, samplestypes.ClaimSaltBytes)
	_, err := s.submitter.ClaimSubmissions(s.ctx, &samplestypes.MsgClaimSubmissions{
		Claimant: author.String(), Hashes: [][]byte{samplestypes.ClaimHash(submission.Sha256, author, salt)},
	})
	require.NoError(t, err)
	s.endBlock(1)
	s.submit("content", s.nodes[0], copier)
	s.endBlock(10)
	s.hear(s.judgement(1, 0, submission.Sha256))
	s.endBlock(claimWindow - 11) // the last block in which the claim can be opened comes
	require.False(t, s.score(submission.Sha256).Stages[0].Credited)

	submission.Contributor, submission.ClaimSalt = author.String(), salt
	_, err = s.submitter.SubmitSamples(s.ctx, &samplestypes.MsgSubmitSamples{
		Submitter: s.nodes[1].sidecar.String(), Samples: []samplestypes.Submission{submission},
	})
	require.NoError(t, err)
	s.endBlock(1)
	require.False(t, s.score(submission.Sha256).Stages[0].Credited)
	s.endBlock(1)
	require.Equal(t, []uint64{240_000}, s.points(submission.Sha256))
	require.EqualValues(t, 240_000, s.earned(author))
	require.Zero(t, s.earned(copier))
}

// Each stage is paid to who is the contributor when it is credited.
func TestContributorReplacedBetweenStages(t *testing.T) {
	s := newScoring(t)
	first, second := party("first"), party("second")
	sha256 := s.submit("content", s.nodes[0], first)
	s.hear(s.judgement(1, 0, sha256))
	s.credit()
	sample, err := s.samples.Get(s.ctx, sha256)
	require.NoError(t, err)
	sample.ReplaceContributor(second.String())
	require.NoError(t, s.samples.Samples.Set(s.ctx, sha256, sample))
	s.hear(s.judgement(1, 1, sha256))
	s.endBlock(1)
	require.EqualValues(t, 240_000, s.earned(first))
	require.EqualValues(t, 180_000, s.earned(second))
}

func TestCreditsOfNewcomersAreCapped(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.NewcomerPoints, p.EstablishedPoints = 300_000, 500_000 })
	newcomer := party("newcomer")
	score := func(content string, stage uint32) types.StageScore {
		sha256 := chaintest.Submission([]byte(content), 1).Sha256
		if stage == 0 {
			s.submit(content, s.nodes[0], newcomer)
		}
		s.hear(s.judgement(uint64(content[0]), stage, sha256))
		s.credit()
		stages := s.score(sha256).Stages
		return stages[len(stages)-1]
	}
	given := func(stage types.StageScore) [2]uint64 { return [2]uint64{stage.Points, stage.Capped} }
	require.Equal(t, [2]uint64{240_000, 0}, given(score("a", 0)))
	require.Equal(t, [2]uint64{60_000, 180_000}, given(score("b", 0)))
	require.Equal(t, [2]uint64{0, 240_000}, given(score("c", 0)))

	s.startEpoch(2)
	require.Equal(t, [2]uint64{180_000, 0}, given(score("b", 1)), "what the cap took is not made up for")
	require.Equal(t, [2]uint64{120_000, 120_000}, given(score("d", 0)))
	s.startEpoch(3)
	require.Equal(t, [2]uint64{240_000, 0}, given(score("e", 0)))
	require.EqualValues(t, 840_000, s.earned(newcomer))
	require.Equal(t, [2]uint64{240_000, 0}, given(score("f", 0)), "it is established")
	points, err := s.keeper.Points.Get(s.ctx, collections.Join(newcomer, uint64(3)))
	require.NoError(t, err)
	require.EqualValues(t, 480_000, points.Points)
	epoch, err := s.keeper.Epochs.Get(s.ctx, 1)
	require.NoError(t, err)
	require.EqualValues(t, 300_000, epoch.ContributorPoints)
}

// A sample that is gone or taken down when its points are due earns nothing.
func TestSamplesThatAreGoneMeanwhile(t *testing.T) {
	for name, leave := range map[string]func(s *scoring, sha256 []byte){
		"taken down": (*scoring).takeDown,
		"expired":    (*scoring).drop,
	} {
		t.Run(name, func(t *testing.T) {
			s := newScoring(t)
			sha256 := s.submit("sample", s.nodes[0], party("contributor"))
			s.hear(s.judgement(1, 0, sha256))
			leave(s, sha256)
			s.credit()
			require.Equal(t, []uint64{0}, s.points(sha256))
			require.Empty(t, s.score(sha256).Stages[0].Contributor)
			require.Zero(t, s.earned(party("contributor")))
			s.hear(s.judgement(1, 1, sha256))
			s.endBlock(1)
			require.Equal(t, []uint64{0, 0}, s.points(sha256))
			require.Empty(t, happened[*types.EventCredited](s))
		})
	}
}

// A sample that expired and was submitted anew is judged in another round, which earns
// nothing: neither its contributor nor the engines.
func TestResubmittedSampleEarnsOnce(t *testing.T) {
	s := newScoring(t)
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	for stage := range uint32(3) {
		s.hear(s.judgement(1, stage, sha256))
		s.credit()
	}
	worked := s.engines(0)
	s.drop(sha256)
	s.submit("sample", s.nodes[1], party("another"))
	s.hear(s.judgement(9, 0, sha256))
	s.credit()
	require.Len(t, s.points(sha256), 3)
	require.Zero(t, s.earned(party("another")))
	require.Equal(t, worked, s.engines(0))
	require.EqualValues(t, 1, s.cluster(sha256).Members)
}

func TestCreditsAreBoundedPerBlock(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.MaxCreditsPerBlock = 3 })
	var members [][]byte
	for i := range 8 {
		members = append(members, s.submit(fmt.Sprint(i), s.nodes[0], party("contributor")))
	}
	s.hear(s.judgement(1, 0, members...))
	s.endBlock(claimWindow)
	for _, left := range []int{5, 2, 0} {
		s.endBlock(1)
		require.Equal(t, left, count(s, s.keeper.Credits))
	}
	require.EqualValues(t, 8*240_000, s.earned(party("contributor")))
}

// Stages that come while the first still waits are credited together with it, in order.
func TestStagesWaitTogether(t *testing.T) {
	s := newScoring(t)
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	for stage := range uint32(3) {
		s.hear(s.judgement(1, stage, sha256))
		require.Equal(t, 1, count(s, s.keeper.Credits))
	}
	s.credit()
	require.Equal(t, []uint64{240_000, 180_000, 180_000}, s.points(sha256))
}

// A sample that cannot be credited costs neither the block nor the others; the next
// judgement makes up for it.
func TestFailingCreditIsDropped(t *testing.T) {
	s := newScoring(t)
	stuck := s.submit("stuck", s.nodes[0], party("contributor"))
	fine := s.submit("fine", s.nodes[0], party("contributor"))
	s.hear(s.judgement(1, 0, stuck, fine))
	whole, err := s.samples.Get(s.ctx, stuck)
	require.NoError(t, err)
	damaged := whole
	damaged.Contributor = "nobody"
	require.NoError(t, s.samples.Samples.Set(s.ctx, stuck, damaged))
	s.credit()
	require.EqualValues(t, 240_000, s.earned(party("contributor")))
	require.Equal(t, []uint64{0}, s.points(stuck))
	failures := happened[*types.EventItemFailed](s)
	require.Len(t, failures, 1)
	require.Equal(t, "credits", failures[0].Queue)
	require.Equal(t, fmt.Sprintf("%x", stuck), failures[0].Item)
	require.Contains(t, failures[0].Error, "contributor")

	require.NoError(t, s.samples.Samples.Set(s.ctx, stuck, whole))
	s.hear(s.judgement(1, 1, stuck, fine))
	s.endBlock(1)
	require.Equal(t, []uint64{0, 420_000}, s.points(stuck))
}

// A score that cannot be read is given up, and the block goes on.
func TestUnreadableScoreIsDropped(t *testing.T) {
	s := newScoring(t)
	require.NoError(t, s.keeper.Credits.Set(s.ctx, collections.Join(int64(1), bytes.Repeat([]byte{7}, 32))))
	s.endBlock(1)
	require.Zero(t, count(s, s.keeper.Credits))
	require.Len(t, happened[*types.EventItemFailed](s), 1)
}

// What a sample is worth by its kind and channel is fixed when it is first scored.
func TestRulesAreCopied(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.GatewayPpm, p.DirectPpm = 500_000, 250_000 })
	through := s.submit("through a gateway", s.nodes[0], party("contributor"))
	direct := s.submit("direct", node{sidecar: s.person("contributor")}, party("contributor"))
	reseller := s.submit("through a reseller", node{sidecar: s.person("reseller")}, party("contributor"))
	s.hear(s.judgement(1, 0, through, direct, reseller))
	s.setParams(func(p *types.Params) { p.GatewayPpm, p.DirectPpm, p.RarityFloorPpm = 0, 0, 0 })
	s.credit()
	require.Equal(t, []uint64{120_000}, s.points(through))
	require.Equal(t, []uint64{60_000}, s.points(direct))
	require.Equal(t, []uint64{60_000}, s.points(reseller), "whose gateway is no supernode's")
	require.Equal(t, s.nodes[0].operator.String(), s.cluster(through).Operator)
	require.Empty(t, s.cluster(reseller).Operator)
}

// person is an account with coins.
func (s *scoring) person(role string) sdk.AccAddress {
	s.t.Helper()
	s.fund(party(role), 1_000_000_000)
	return party(role)
}

// engines is what the engines of a supernode earned in epoch 1.
func (s *scoring) engines(of int) uint64 {
	s.t.Helper()
	work, err := s.keeper.Works.Get(s.ctx, collections.Join(uint64(1), s.nodes[of].operator))
	if err != nil {
		require.ErrorIs(s.t, err, collections.ErrNotFound)
	}
	return work.EnginePoints
}

func TestEnginePoints(t *testing.T) {
	s := newScoring(t)
	malicious := s.submit("malicious", s.nodes[0], party("contributor"))
	mutant := s.submit("mutant", s.nodes[0], party("contributor"))
	s.hear(resembling(s.judgement(1, 0, malicious), 0, "same"))
	require.EqualValues(t, 400_000, s.engines(0), "the whole slice: it alone was right")
	require.Zero(t, s.engines(1))

	// A mutant, a clean and an open sample, with two more engines: one of the first
	// operator that is right about all, and one of a third that abstains.
	clean := s.submit("clean", s.nodes[0], party("contributor"))
	open := s.submit("open", s.nodes[0], party("contributor"))
	j := s.judgement(2, 0, mutant, clean, open)
	right := s.column(0, verdictstypes.CATEGORY_MALICIOUS, 3)
	right.Weight = 500_000
	for i, sha256 := range j.Members {
		switch string(sha256) {
		case string(mutant):
			copy(j.Features[i].Keys[0][:], "same")
		case string(clean):
			j.Truths[i] = verdictstypes.OUTCOME_CLEAN
			right.Cells[i] = byte(verdictstypes.NewCell(verdictstypes.CATEGORY_HARMLESS, 15))
		case string(open):
			j.Truths[i] = verdictstypes.OUTCOME_UNSPECIFIED
		}
	}
	j.Columns = []verdictstypes.EngineColumn{j.Columns[0], right, j.Columns[1], s.column(2, verdictstypes.CATEGORY_TIMEOUT, 3)}
	s.hear(j)
	// The mutant is worth 0.166666, of which 0.4 is 66,666: to the first operator's two
	// engines, 44,444 and 22,222. The clean one is worth 0.1, of which 0.4 is 40,000: to
	// its second engine and the second operator's by weight, 13,333 and 26,666.
	require.EqualValues(t, 400_000+44_444+22_222+13_333, s.engines(0))
	require.EqualValues(t, 26_666, s.engines(1))
	require.Zero(t, s.engines(2))
	epoch, err := s.keeper.Epochs.Get(s.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, s.engines(0)+s.engines(1), epoch.EnginePoints)

	s.startEpoch(2)
	s.hear(s.judgement(1, 1, malicious))
	work, err := s.keeper.Works.Get(s.ctx, collections.Join(uint64(2), s.nodes[0].operator))
	require.NoError(t, err)
	require.EqualValues(t, 300_000, work.EnginePoints, "in the epoch of the judgement")
}

// A listener that fails writes nothing, so that a judgement counts in whole or not at all.
func TestJudgementIsAllOrNothing(t *testing.T) {
	s := newScoring(t)
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	j := s.judgement(1, 0, sha256)
	j.Columns[0].Operator = "nobody"
	hooks := verdictstypes.NewMultiVerdictsHooks(s.keeper.VerdictsHooks())
	require.NoError(t, hooks.AfterResolved(s.ctx, j))
	require.True(t, s.unscored(sha256))
	require.NoError(t, s.tx(func(ctx context.Context) error {
		return hooks.AfterResolved(ctx, s.judgement(1, 0, sha256))
	}))
	require.False(t, s.unscored(sha256))
}
