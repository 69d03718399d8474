package trust

import (
	"fmt"
	"testing"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"

	"github.com/virusmap/virusmap/sim/arena"
)

// TestLoneDetection: an engine that alone says malicious, and is proven right when all
// look again, ends ahead of those who followed; the wrong majority loses its slices.
func TestLoneDetection(t *testing.T) {
	lone := &arena.Player{Name: "lone", Answer: func(seen arena.Sighting) verdictstypes.Answer { return arena.Says(seen.Malicious, "Lone/Family") }}
	players := []*arena.Player{lone}
	for i := range 12 {
		name := fmt.Sprintf("follower_%d", i)
		players = append(players, &arena.Player{Name: name, Answer: func(seen arena.Sighting) verdictstypes.Answer {
			first := seen.Round.Kind == verdictstypes.ROUND_KIND_INITIAL
			return arena.Says(seen.Malicious && !first, name+"/Family")
		}})
	}
	a := newMatch(t, 3, 1, players...)
	for range 40 {
		a.step(1)
		for sha256 := range a.Truths {
			a.Truths[sha256] = arena.Truth{Malicious: true} // malware that nobody else knows yet
		}
	}
	for range 120 {
		a.step(0)
	}
	best := 0.0
	for _, p := range players[1:] {
		best = max(best, a.Points(p))
	}
	arena.Bound(t, "lone_points", a.Points(lone), 1, arena.Unbounded)
	arena.Bound(t, "lone_best_follower_points", best, 0, a.Points(lone)/2)
	var leads, seconds uint64
	a.Records(lone, func(record verdictstypes.TrackRecord) {
		for _, kind := range record.Types {
			leads += kind.Leads
			seconds += kind.LeadSeconds
		}
	})
	arena.Bound(t, "lone_leads", float64(leads), 10, arena.Unbounded)
	arena.Show("lone_mean_lead_seconds", float64(seconds)/float64(leads))
}
