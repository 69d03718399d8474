package trust

import (
	"fmt"
	"testing"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestLoneDetection: an engine that alone says malicious, and is proven right when all
// look again, ends ahead of those who followed; the wrong majority loses its slices.
func TestLoneDetection(t *testing.T) {
	lone := &player{name: "lone", answer: func(seen sighting) verdictstypes.Answer { return says(seen.malicious, "Lone/Family") }}
	players := []*player{lone}
	for i := range 12 {
		name := fmt.Sprintf("follower_%d", i)
		players = append(players, &player{name: name, answer: func(seen sighting) verdictstypes.Answer {
			first := seen.round.Kind == verdictstypes.ROUND_KIND_INITIAL
			return says(seen.malicious && !first, name+"/Family")
		}})
	}
	a := newArena(t, 3, 1, players...)
	for s := range 40 {
		a.step(1)
		for sha256 := range a.malicious {
			a.malicious[sha256] = true // every sample is malware nobody else knows yet
		}
		_ = s
	}
	for range 120 {
		a.step(0)
	}
	best := 0.0
	for _, p := range players[1:] {
		best = max(best, a.points(p))
	}
	bound(t, "lone_points", a.points(lone), 1, unbounded)
	bound(t, "lone_best_follower_points", best, 0, a.points(lone)/2)
	var leads, seconds uint64
	a.records(lone, func(record verdictstypes.TrackRecord) {
		for _, kind := range record.Types {
			leads += kind.Leads
			seconds += kind.LeadSeconds
		}
	})
	bound(t, "lone_leads", float64(leads), 10, unbounded)
	show("lone_mean_lead_seconds", float64(seconds)/float64(leads))
}
