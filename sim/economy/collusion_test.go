package economy

import (
	"fmt"
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/sim/arena"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	colludingPlayers = 10
	colludingEpochs  = 6
)

// TestCollusion is E-25: k of ten equal operators call harmless files of their own
// malicious, vouch for each other's sightings, and share what that brings. Below a third
// of the weight it costs them money.
func TestCollusion(t *testing.T) {
	fair := playCollusion(t, 0)
	profits := arena.Line{Name: "colluders together"}
	for k := 1; k <= 6; k++ {
		r := playCollusion(t, k)
		profit := r.colluders - fair.perOperator*float64(k)
		share := float64(k) / colludingPlayers
		high := arena.Unbounded
		if share < 1.0/3 {
			high = 0
		}
		arena.Bound(t, fmt.Sprintf("collusion_profit_at_%d_percent_vmt", 100*k/colludingPlayers), profit, -arena.Unbounded, high)
		profits.Add(share, profit)
	}
	arena.Draw(t, "collusion.svg", "What colluding brings, against being honest", "share of engine weight", "profit, VMT", profits)
}

type collusion struct {
	// perOperator is the income of the honest, colluders what all colluders have together.
	perOperator, colluders float64
}

func playCollusion(t *testing.T, k int) collusion {
	t.Helper()
	fakes := make(map[string]bool)
	var players []*arena.Player
	for i := range colludingPlayers {
		player := careful(fmt.Sprintf("operator_%d", i), int64(50+i), 0.9)
		if honest := player.Answer; i < k {
			player.Answer = func(seen arena.Sighting) verdictstypes.Answer {
				if fakes[seen.SHA256] {
					return arena.Says(true, "Fake/Family")
				}
				return honest(seen)
			}
		}
		players = append(players, player)
	}
	people := []*person{finder("finder", 4)}
	for i := range k {
		people = append(people, faker(fmt.Sprintf("faker_%d", i), i, k, fakes))
	}
	w := newWorld(t, 5, players, people, nil)
	bonds := make([]sdk.Coin, len(players))
	for i, p := range players {
		bonds[i] = w.Bond(p)
	}
	w.run(colludingEpochs + 2)
	result := collusion{perOperator: w.income(players[len(players)-1], bonds[len(players)-1])}
	for i := range k {
		result.colluders += w.income(players[i], bonds[i]) + last(people[1+i].profit)
	}
	return result
}

// faker brings two harmless files an epoch that the colluders call malicious, and all
// others of them say that they have seen them too.
func faker(name string, gateway, colluders int, fakes map[string]bool) *person {
	return &person{name: name, act: func(w *world, p *person, epoch, block int) {
		if block%30 != 3 || block > 40 || epoch >= colludingEpochs {
			return
		}
		id := content("%s %d/%d", name, epoch, block)
		hash := w.bring(p, gateway, id, arena.Truth{Keys: family(id)})
		fakes[string(hash)] = true
		for other := range colluders {
			if other != gateway {
				w.sight(hash, 5, other)
			}
		}
	}}
}
