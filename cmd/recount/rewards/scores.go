package rewards

import (
	"sort"

	"github.com/virusmap/virusmap/cmd/recount/rounds"
	bounty "github.com/virusmap/virusmap/x/bounty/types"
	samples "github.com/virusmap/virusmap/x/samples/types"
	verdicts "github.com/virusmap/virusmap/x/verdicts/types"
)

const ppm = 1_000_000

// judgement is one judged stage of an initial round.
type judgement struct {
	*verdicts.EventResolved
	members []string
	truths  []verdicts.Outcome
	engines []rounds.Engine
	keys    map[string]sampleKeys
}

// judged scores the samples of a stage, then the engines.
func (a *Audit) judged(event *verdicts.EventResolved) error {
	source, err := a.rounds.Round(event.Source)
	if err != nil {
		return err
	}
	judge, err := a.rounds.Round(event.Judge)
	if err != nil {
		return err
	}
	j := judgement{EventResolved: event, members: source.Members}
	if j.engines, err = a.rounds.Engines(source); err != nil {
		return err
	}
	if j.keys, err = a.agreedKeys(event.Judge, judge); err != nil {
		return err
	}
	for _, member := range j.members {
		j.truths = append(j.truths, a.rounds.Truth(judge, member))
	}
	values := make([]uint64, len(j.members))
	for _, i := range a.inPriority(j) {
		values[i] = a.scoreMember(j, i)
	}
	a.scoreEngines(j, values)
	return nil
}

// inPriority orders the members by who claimed first, then by hash. The height of the
// claim stands in the event; it only matters for members that are scored now.
func (a *Audit) inPriority(j judgement) []int {
	priority := make([]int64, len(j.members))
	order := make([]int, len(j.members))
	for i, member := range j.members {
		order[i] = i
		if s, known := a.register.samples[member]; known {
			priority[i] = s.submitted
		}
		if scored, told := a.told.scored(member); told {
			priority[i] = scored.PriorityHeight
		}
	}
	sort.Slice(order, func(x, y int) bool {
		i, k := order[x], order[y]
		return priority[i] < priority[k] || (priority[i] == priority[k] && j.members[i] < j.members[k])
	})
	return order
}

// scoreMember enters what a judgement found out about a sample, and returns what a right
// answer about it is worth to an engine.
func (a *Audit) scoreMember(j judgement, i int) (valuePpm uint64) {
	member, malicious := j.members[i], j.truths[i] == verdicts.OUTCOME_MALICIOUS
	s, known := a.register.samples[member]
	score, scored := a.scores[member]
	if !scored && malicious && known && !s.invalid && !s.blocked {
		score, scored = a.newScore(j, i, s), true
	}
	if !scored {
		if j.Last {
			delete(a.sightings, member)
		}
		if j.truths[i] == verdicts.OUTCOME_CLEAN {
			return uint64(a.params.CleanPpm)
		}
		return 0
	}
	if n := len(score.Stages); score.Round == j.Source && (n == 0 || score.Stages[n-1].Stage < j.Stage) {
		if !waits(score) {
			a.credits.add(due{max(a.height, a.creditHeight(member)), member})
		}
		score.Stages = append(score.Stages, bounty.StageScore{Stage: j.Stage, Malicious: malicious})
	}
	switch {
	case j.truths[i] == verdicts.OUTCOME_CLEAN:
		return uint64(a.params.CleanPpm)
	case malicious && score.Round == j.Source:
		return novelty(score)
	default:
		return 0
	}
}

// creditHeight is till when an older claim may replace the contributor.
func (a *Audit) creditHeight(member string) int64 {
	s, known := a.register.samples[member]
	if !known {
		return a.height
	}
	return s.submitted + int64(a.genesis.Samples.Params.ClaimWindowBlocks)
}

// newScore scores a sample that is found malicious for the first time.
func (a *Audit) newScore(j judgement, i int, s *sample) *bounty.Score {
	member := j.members[i]
	missedPpm := missed(j.engines, i)
	cluster := a.join(member, s, j.keys[member], missedPpm)
	score := &bounty.Score{
		Sha256: []byte(member), Cluster: cluster.Id, Rank: cluster.Members, MissedPpm: min(missedPpm, cluster.MissedPpm),
		Rules: a.rules(s), Round: j.Source,
	}
	a.scores[member] = score
	event := &bounty.EventScored{
		Sha256: score.Sha256, Round: score.Round, Cluster: score.Cluster, Rank: score.Rank, MissedPpm: score.MissedPpm,
	}
	event.PriorityHeight = a.checkPriority(member, s)
	a.told.want("samples", hexOf(member), event)
	return score
}

// checkPriority is the height that ranks a sample: that of its submission, or of an older
// claim within the window. Salts are in no event, so which claim it was is not known, but
// somebody must have made one then.
func (a *Audit) checkPriority(member string, s *sample) int64 {
	scored, told := a.told.scored(member)
	if !told {
		return s.submitted
	}
	height := scored.PriorityHeight
	window := int64(a.genesis.Samples.Params.ClaimWindowBlocks)
	if height < s.submitted && height >= s.submitted-window && a.register.claimed[height] {
		return height
	}
	return s.submitted
}

// rules are the parameters that count for a sample for ever.
func (a *Audit) rules(s *sample) bounty.ScoreRules {
	p := a.params
	rules := bounty.ScoreRules{
		RarityFloorPpm: p.RarityFloorPpm, NoveltyPpm: p.NoveltyPpm, SightingsFull: p.SightingsFull,
		ChannelPpm: p.DirectPpm, SlicesPpm: a.genesis.Verdicts.Params.SlicesPpm,
	}
	switch s.kind {
	case samples.KIND_FILE:
		rules.KindPpm = p.FilePpm
	case samples.KIND_URL:
		rules.KindPpm = p.UrlPpm
	case samples.KIND_INTEL:
		rules.KindPpm = p.IntelPpm
	}
	if a.operators.ofSidecar[s.gateway] != "" {
		rules.ChannelPpm = p.GatewayPpm
	}
	return rules
}

// missed is the share of the weight with a decisive answer that saw no malice.
func missed(engines []rounds.Engine, member int) uint32 {
	var blind, decisive uint64
	for _, engine := range engines {
		if detects, decided := rounds.Opinion(engine.Cells[member]); decided {
			decisive += engine.Weight
			if !detects {
				blind += engine.Weight
			}
		}
	}
	if decisive == 0 {
		return 0
	}
	return uint32(share(ppm, blind, decisive))
}

// novelty is what a member of its rank is worth.
func novelty(score *bounty.Score) uint64 {
	worth := uint64(ppm)
	for rank := uint32(1); rank < score.Rank && worth > 0; rank++ {
		worth = share(worth, uint64(score.Rules.NoveltyPpm), ppm)
	}
	return worth
}
