package types

import (
	"fmt"
	"strings"

	"cosmossdk.io/math"
)

// Explain tells how the i-th judged stage was paid. sightings are those of the cluster
// now, which count for a stage that waits for its points; rewards are those of the epoch
// of one that has them.
func (s Score) Explain(i int, sightings uint32, rewards EpochRewards) StageExplanation {
	stage := s.Stages[i]
	if stage.Credited {
		sightings = stage.Sightings
	}
	because := s.because(stage, sightings)
	explained := StageExplanation{Stage: stage, DecidedPpm: s.Rules.DecidedPpm(stage.Stage), Reward: math.ZeroInt()}
	product := uint64(ppm)
	for t, factor := range s.factors(stage.Malicious, sightings) {
		product = product * factor.value / ppm
		explained.Terms = append(explained.Terms, Term{
			Name: factor.name, ValuePpm: factor.value, Because: because[t], ProductPpm: product,
		})
	}
	if stage.Credited && rewards.ContributorPoints > 0 && rewards.Contributors.IsPositive() {
		explained.Reward = rewards.Contributors.Mul(math.NewIntFromUint64(stage.Points)).
			Quo(math.NewIntFromUint64(rewards.ContributorPoints))
	}
	return explained
}

// because says where each factor comes from.
func (s Score) because(stage StageScore, sightings uint32) []string {
	truth := "it was not judged malicious"
	if stage.Malicious {
		truth = "it was judged malicious"
	}
	novelty := fmt.Sprintf("member %d of its cluster; each counts %s of the one before", s.Rank, decimal(uint64(s.Rules.NoveltyPpm)))
	if s.Rank == 1 {
		novelty = "the first of its cluster"
	}
	sighted := fmt.Sprintf("seen through %d other gateways of %d that are asked for", sightings, s.Rules.SightingsFull)
	if s.Rules.SightingsFull == 0 {
		sighted = "no sightings are asked for"
	}
	return []string{
		truth,
		fmt.Sprintf("engines with %s of the weight missed it in round %d; %s if none had", decimal(uint64(s.MissedPpm)), s.Round, decimal(uint64(s.Rules.RarityFloorPpm))),
		novelty,
		sighted,
		"what samples of its kind are worth",
		"what the channel is worth through which it came",
	}
}

// ExplainText is the explanation for people: one line per term with its value and the
// product so far, in samples. Every figure is rounded down to six digits, so that who
// does the same comes to the same.
func ExplainText(score Score, stages []StageExplanation) string {
	var text strings.Builder
	fmt.Fprintf(&text, "sample   %x\ncluster  %x, member %d\nround    %d\n", score.Sha256, score.Cluster, score.Rank, score.Round)
	for i, explained := range stages {
		stage := explained.Stage
		fmt.Fprintf(&text, "\nstage %d     value   product\n", stage.Stage)
		product := uint64(0)
		for _, term := range explained.Terms {
			product = term.ProductPpm
			fmt.Fprintf(&text, "  %-8s %s  %s  %s\n", term.Name, decimal(term.ValuePpm), decimal(product), term.Because)
		}
		line := func(name, value, says string) { fmt.Fprintf(&text, "  %-8s %8s            %s\n", name, value, says) }
		due := score.due(i, product)
		line("decided", decimal(uint64(explained.DecidedPpm)), "the part of the sample that is decided by now")
		line("due", decimal(due), "decided x the product")
		line("before", decimal(score.before(i)), "points of the stages before, capped ones too")
		if !stage.Credited {
			line("points", decimal(score.Add(i, product)), "due - before, as it stands; waits to be given")
			continue
		}
		line("points", decimal(stage.Points), fmt.Sprintf("due - before, less %s above a newcomer's cap", decimal(stage.Capped)))
		switch {
		case stage.Contributor == "":
			line("to", "nobody", "the sample was not there any more")
		case stage.Points > 0:
			fmt.Fprintf(&text, "  %-8s %s in epoch %d\n", "to", stage.Contributor, stage.Epoch)
			fmt.Fprintf(&text, "  %-8s %s%s = the part of the points in what the epoch pays contributors; 0 until it is settled\n", "reward", explained.Reward, Denom)
		}
	}
	return text.String()
}

// decimal writes millionths as a decimal fraction.
func decimal(millionths uint64) string {
	return fmt.Sprintf("%d.%06d", millionths/ppm, millionths%ppm)
}
