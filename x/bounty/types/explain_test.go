package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/bounty/types"
)

const contributor = "vmt1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrk363e"

func TestExplanationCanBeRecomputed(t *testing.T) {
	score := fileScore(2, 750_000)
	score.Stages = []types.StageScore{
		{Stage: 0, Credited: true, Contributor: contributor, Epoch: 3},
		{Stage: 1, Malicious: true, Sightings: 1, Score: 66_666, Points: 40_000, Capped: 6_666, Epoch: 4, Contributor: contributor, Credited: true},
		{Stage: 2, Malicious: true},
	}
	rewards := types.NewEpochRewards(4)
	rewards.Contributors, rewards.ContributorPoints = math.NewInt(1_000_003), 120_000
	var stages []types.StageExplanation
	for i := range score.Stages {
		stages = append(stages, score.Explain(i, 2, rewards))
	}

	require.Len(t, stages[1].Terms, 6)
	product := uint64(ppm)
	for i, name := range []string{"truth", "rarity", "novelty", "sighted", "kind", "channel"} {
		term := stages[1].Terms[i]
		require.Equal(t, name, term.Name)
		require.NotEmpty(t, term.Because)
		product = product * term.ValuePpm / ppm
		require.Equal(t, product, term.ProductPpm)
	}
	require.Equal(t, score.Stages[1].Score, product)
	require.EqualValues(t, 700_000, stages[1].DecidedPpm)
	require.Equal(t, math.NewInt(333_334), stages[1].Reward)
	require.Equal(t, math.ZeroInt(), stages[0].Reward)
	require.Equal(t, math.ZeroInt(), stages[2].Reward, "it waits")
	require.EqualValues(t, ppm, stages[2].Terms[3].ValuePpm, "with the sightings of now")

	require.Equal(t, `sample   0000000000000000000000000000000000000000000000000000000000000000
cluster  0000000000000000000000000000000000000000000000000000000000000000, member 2
round    7

stage 0     value   product
  truth    0.000000  0.000000  it was not judged malicious
  rarity   0.800000  0.000000  engines with 0.750000 of the weight missed it in round 7; 0.200000 if none had
  novelty  0.166666  0.000000  member 2 of its cluster; each counts 0.166666 of the one before
  sighted  0.000000  0.000000  seen through 0 other gateways of 2 that are asked for
  kind     1.000000  0.000000  what samples of its kind are worth
  channel  1.000000  0.000000  what the channel is worth through which it came
  decided  0.400000            the part of the sample that is decided by now
  due      0.000000            decided x the product
  before   0.000000            points of the stages before, capped ones too
  points   0.000000            due - before, less 0.000000 above a newcomer's cap

stage 1     value   product
  truth    1.000000  1.000000  it was judged malicious
  rarity   0.800000  0.800000  engines with 0.750000 of the weight missed it in round 7; 0.200000 if none had
  novelty  0.166666  0.133332  member 2 of its cluster; each counts 0.166666 of the one before
  sighted  0.500000  0.066666  seen through 1 other gateways of 2 that are asked for
  kind     1.000000  0.066666  what samples of its kind are worth
  channel  1.000000  0.066666  what the channel is worth through which it came
  decided  0.700000            the part of the sample that is decided by now
  due      0.046666            decided x the product
  before   0.000000            points of the stages before, capped ones too
  points   0.040000            due - before, less 0.006666 above a newcomer's cap
  to       vmt1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrk363e in epoch 4
  reward   333334uvmt = the part of the points in what the epoch pays contributors; 0 until it is settled

stage 2     value   product
  truth    1.000000  1.000000  it was judged malicious
  rarity   0.800000  0.800000  engines with 0.750000 of the weight missed it in round 7; 0.200000 if none had
  novelty  0.166666  0.133332  member 2 of its cluster; each counts 0.166666 of the one before
  sighted  1.000000  0.133332  seen through 2 other gateways of 2 that are asked for
  kind     1.000000  0.133332  what samples of its kind are worth
  channel  1.000000  0.133332  what the channel is worth through which it came
  decided  1.000000            the part of the sample that is decided by now
  due      0.133332            decided x the product
  before   0.046666            points of the stages before, capped ones too
  points   0.086666            due - before, as it stands; waits to be given
`, types.ExplainText(score, stages))
}

func TestExplanationOfASampleThatIsGone(t *testing.T) {
	score := fileScore(1, 0)
	score.Stages = []types.StageScore{{Stage: 0, Malicious: true, Credited: true}}
	stages := []types.StageExplanation{score.Explain(0, 2, types.NewEpochRewards(0))}
	require.Contains(t, types.ExplainText(score, stages), "nobody            the sample was not there any more")
	require.Equal(t, "seen through 0 other gateways of 2 that are asked for", stages[0].Terms[3].Because, "as it was credited")
	require.Equal(t, "the first of its cluster", stages[0].Terms[2].Because)

	score.Rules.SightingsFull = 0
	require.Equal(t, "no sightings are asked for", score.Explain(0, 2, types.NewEpochRewards(0)).Terms[3].Because)
}
