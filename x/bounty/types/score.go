package types

import (
	"slices"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// MaxClusterKeys bounds the similarity keys that lead to one cluster.
const MaxClusterKeys = 1024

// NewScoreRules copies what the score of a sample is reckoned with: gateway tells that it
// came through the gateway of a supernode, slicesPpm are those of its initial round.
func NewScoreRules(p Params, kind samplestypes.Kind, gateway bool, slicesPpm []uint32) ScoreRules {
	rules := ScoreRules{
		RarityFloorPpm: p.RarityFloorPpm, NoveltyPpm: p.NoveltyPpm, SightingsFull: p.SightingsFull,
		ChannelPpm: p.DirectPpm, SlicesPpm: slices.Clone(slicesPpm),
	}
	if gateway {
		rules.ChannelPpm = p.GatewayPpm
	}
	switch kind {
	case samplestypes.KIND_FILE:
		rules.KindPpm = p.FilePpm
	case samplestypes.KIND_URL:
		rules.KindPpm = p.UrlPpm
	case samplestypes.KIND_INTEL:
		rules.KindPpm = p.IntelPpm
	}
	return rules
}

// MissedPpm is the share of engine weight that did not see malice in a sample, of all that
// answered, in ppm; 0 when nobody answered. A weight is at most 1,000,000 and there are
// at most 1600 engines, so the product stays below 2⁶³.
func MissedPpm(columns []verdictstypes.EngineColumn, sample int) uint32 {
	var missed, decisive uint64
	for _, column := range columns {
		cell := verdictstypes.Cell(column.Cells[sample])
		if _, answered := cell.Probability(); !answered {
			continue
		}
		decisive += column.Weight
		if !verdictstypes.SeesMalice(cell.Category()) {
			missed += column.Weight
		}
	}
	if decisive == 0 {
		return 0
	}
	return uint32(ppm * missed / decisive)
}

// Novelty is what the member of that rank in its cluster is worth, in ppm: noveltyPpm of
// the one before, rounded down each time. With at most a sixth, the members after the
// first are together worth less than a fifth of it, however many they are.
func Novelty(noveltyPpm, rank uint32) uint64 {
	novelty := uint64(ppm)
	for ; rank > 1 && novelty > 0; rank-- {
		novelty = novelty * uint64(noveltyPpm) / ppm
	}
	return novelty
}

// EngineSlice is what a stage gives to the engines that were right about a sample, in
// millionths: its slice of what a right answer is worth.
func EngineSlice(slicePpm, valuePpm uint32) uint32 {
	return uint32(uint64(slicePpm) * uint64(valuePpm) / ppm)
}

// rarity rises from the floor to 1,000,000 with the share of engine weight that missed
// the sample at first.
func (s Score) rarity() uint64 {
	floor := uint64(s.Rules.RarityFloorPpm)
	return floor + (ppm-floor)*uint64(s.MissedPpm)/ppm
}

// sighted rises to 1,000,000 with the number of other operators that saw the cluster.
func (s Score) sighted(sightings uint32) uint64 {
	full := s.Rules.SightingsFull
	if full == 0 {
		return ppm
	}
	return ppm * uint64(min(sightings, full)) / uint64(full)
}

// factor is one term of a score, in ppm.
type factor struct {
	name  string
	value uint64
}

// factors are the terms of the score that a stage gives, in the order in which they are
// multiplied.
func (s Score) factors(malicious bool, sightings uint32) []factor {
	truth := uint64(0)
	if malicious {
		truth = ppm
	}
	return []factor{
		{"truth", truth},
		{"rarity", s.rarity()},
		{"novelty", Novelty(s.Rules.NoveltyPpm, s.Rank)},
		{"sighted", s.sighted(sightings)},
		{"kind", uint64(s.Rules.KindPpm)},
		{"channel", uint64(s.Rules.ChannelPpm)},
	}
}

// Value is the score of the sample by a judgement, in millionths: the product of its
// terms, rounded down after each. No term is above 1,000,000, so no product above 2⁴⁰.
func (s Score) Value(malicious bool, sightings uint32) uint64 {
	value := uint64(ppm)
	for _, factor := range s.factors(malicious, sightings) {
		value = value * factor.value / ppm
	}
	return value
}

// DecidedPpm is the part of the sample that is decided with a stage: its slice and those
// before.
func (r ScoreRules) DecidedPpm(stage uint32) uint32 {
	var decided uint32
	for i, slice := range r.SlicesPpm {
		if uint32(i) <= stage {
			decided += slice
		}
	}
	return decided
}

// Add is how many points the i-th judged stage adds with a score:
//
//	max(0, decided · score − points and capped points of the stages before)
//
// so that the last judgement decides: a truth found late is paid in full, one that turned
// out wrong is paid nothing more.
func (s Score) Add(i int, score uint64) uint64 {
	due, before := s.due(i, score), s.before(i)
	return due - min(due, before)
}

func (s Score) due(i int, score uint64) uint64 {
	return uint64(s.Rules.DecidedPpm(s.Stages[i].Stage)) * score / ppm
}

func (s Score) before(i int) (before uint64) {
	for _, earlier := range s.Stages[:i] {
		before += earlier.Points + earlier.Capped
	}
	return before
}

// Waits tells whether a stage is not credited yet.
func (s Score) Waits() bool {
	return slices.ContainsFunc(s.Stages, func(stage StageScore) bool { return !stage.Credited })
}

// Settled tells that the last stage is credited, so that nothing can change any more.
func (s Score) Settled() bool {
	n := len(s.Stages)
	return n > 0 && !s.Waits() && int(s.Stages[n-1].Stage)+1 >= len(s.Rules.SlicesPpm)
}

// AddSighter counts an operator through which somebody else brought a member. It tells
// whether that is new; the operator of the first member does not count, nor more than 16.
func (c *Cluster) AddSighter(operator string) bool {
	if operator == "" || operator == c.Operator || len(c.Sighters) >= maxSighters || slices.Contains(c.Sighters, operator) {
		return false
	}
	c.Sighters = append(c.Sighters, operator)
	return true
}
