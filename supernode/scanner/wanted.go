package scanner

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/virusmap/virusmap/supernode/wanted"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxMatchBytes is what the matches may take of an attestation. A round that matches more
// is one with bounties that want everything.
const maxMatchBytes = 128 << 10

// hunters is how many samples are looked into at one time: the engines come first.
func hunters(cfg Config) int { return max(cfg.Parallel/2, 1) }

// beginHunt reads what is wanted; nil in rounds that bring nothing new to light.
func (s *Scanner) beginHunt(ctx context.Context, round verdictstypes.Round) *wanted.Hunt {
	switch round.Kind {
	case verdictstypes.ROUND_KIND_INITIAL, verdictstypes.ROUND_KIND_RETROSPECTIVE:
		return s.hunter.Begin(ctx)
	default:
		return nil
	}
}

// match adds the wanted bounties that the opened members match, as far as time permits.
func (s *Scanner) match(ctx context.Context, urgent urgency, hunt *wanted.Hunt, members []*member, findings []finding, features *verdictstypes.FeatureVector) {
	if hunt == nil {
		return
	}
	matched := make([][][]byte, len(members)) // ids by member
	var inside []*member
	for i, m := range members {
		if !findings[i].opened {
			continue
		}
		sample := wantedSample(m, findings[i])
		matched[i] = hunt.Known(sample)
		if hunt.Wants(sample) {
			inside = append(inside, m)
		}
	}
	if len(inside) > 0 {
		s.lookInside(ctx, urgent, hunt, inside, findings, matched)
	}
	addMatches(features, matched)
	if dropped := trimMatches(features, maxMatchBytes); dropped > 0 {
		s.Log.Warn("bounties that match too much are left out", "bounties", dropped)
	}
}

func wantedSample(m *member, f finding) wanted.Sample {
	sample := wanted.Sample{SHA256: m.sha256, SubmittedHeight: m.record.SubmittedHeight}
	for _, answer := range f.answers {
		if answer.Label != "" && verdictstypes.SeesMalice(answer.Category) {
			sample.Labels = append(sample.Labels, answer.Label)
		}
	}
	return sample
}

// lookInside opens members once more. Holding what the engines had open would let a round
// need memory for all of its members, and bounties take the time of the next engine. It
// takes half of the time that is left, so that the commit has the other half, and comes
// after all that other rounds open for their engines.
func (s *Scanner) lookInside(ctx context.Context, urgent urgency, hunt *wanted.Hunt, members []*member, findings []finding, matched [][][]byte) {
	deadline, _ := ctx.Deadline()
	timed, cancel := context.WithTimeout(ctx, time.Until(deadline)/2)
	defer cancel()
	if s.gates.hunts.acquire(timed, urgent, 1) != nil {
		return // out of time
	}
	defer s.gates.hunts.release(1)
	hunt.Prepare(timed)
	last := urgency{retrospective: true}
	var group errgroup.Group
	group.SetLimit(hunters(s.cfg))
	for _, m := range members {
		group.Go(func() error {
			content, err := s.open(timed, last, m)
			if err != nil {
				return nil // it was open before, so time or memory is short
			}
			defer s.release(content)
			found := hunt.Inside(timed, wantedSample(m, findings[m.index]), content)
			matched[m.index] = append(matched[m.index], found...)
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
}

// addMatches turns the ids by member into members by id.
func addMatches(features *verdictstypes.FeatureVector, matched [][][]byte) {
	samples := make(map[string][]uint32)
	for i, ids := range matched {
		for _, id := range ids {
			samples[string(id)] = append(samples[string(id)], uint32(i))
		}
	}
	for id, indexes := range samples {
		features.Match([]byte(id), indexes)
	}
}

// trimMatches leaves out the bounties that match most until the others fit into limit
// bytes, and returns how many it left out.
func trimMatches(features *verdictstypes.FeatureVector, limit int) (dropped int) {
	for (&verdictstypes.FeatureVector{Matches: features.Matches}).Size() > limit {
		most := 0
		for i, match := range features.Matches {
			if len(match.Samples) > len(features.Matches[most].Samples) {
				most = i
			}
		}
		features.Matches = slices.Delete(features.Matches, most, most+1)
		dropped++
	}
	return dropped
}
