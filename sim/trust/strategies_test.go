package trust

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"

	"github.com/virusmap/virusmap/sim/arena"
)

// TestStrategies: engines that do not look at the samples end below an honest one that
// is right nine times in ten, in weight and in points, over a thousand rounds.
func TestStrategies(t *testing.T) {
	const rounds = 1000
	coin := rand.New(rand.NewSource(7))
	reference := arena.Honest("honest_90", 1, 0.9)
	last := make(map[uint64][]bool) // what the reference said, by round
	reference.Answer = recording(reference.Answer, last)
	dishonest := []*arena.Player{
		{Name: "always_clean", Answer: func(arena.Sighting) verdictstypes.Answer { return arena.Says(false, "") }},
		{Name: "coin_flip", Answer: func(arena.Sighting) verdictstypes.Answer { return arena.Says(coin.Intn(2) == 0, "Coin/Generic") }},
		{Name: "copy_last_round", Answer: copying(last)},
		{Name: "never_reveal", Hides: true, Answer: func(seen arena.Sighting) verdictstypes.Answer { return arena.Says(seen.Malicious, "Hidden/Family") }},
	}
	players := []*arena.Player{reference}
	for i := range 7 {
		players = append(players, arena.Honest(fmt.Sprintf("honest_%d", i), int64(10+i), 0.9))
	}
	players = append(players, dishonest...)
	a := newMatch(t, 1, 2, players...)
	bonds := make(map[string]int64)
	for _, p := range players {
		bonds[p.Name] = a.Bond(p).Amount.Int64()
	}
	a.run(rounds)

	arena.Show("strategies_rounds", a.Opened())
	table := a.Weights()
	best, weight := a.Points(reference), arena.Row(table, reference).Weight
	require.NotZero(t, weight)
	arena.Bound(t, "strategies_points_honest_90", best, 1, arena.Unbounded)
	arena.Show("strategies_weight_honest_90", weight)
	for _, p := range dishonest {
		arena.Show("strategies_weight_"+p.Name, arena.Row(table, p).Weight)
		arena.Bound(t, "strategies_points_"+p.Name, a.Points(p), 0, best*0.9)
		require.Less(t, arena.Row(table, p).Weight, weight, p.Name)
	}
	lost := bonds["never_reveal"] - a.Bond(dishonest[3]).Amount.Int64()
	arena.Bound(t, "strategies_bond_lost_never_reveal_vmt", float64(lost)/1e6, 1, arena.Unbounded)
	require.Equal(t, bonds["honest_90"], a.Bond(reference).Amount.Int64(), "honest error costs no bond")
}

// recording notes what a player says in initial rounds.
func recording(answer func(arena.Sighting) verdictstypes.Answer, said map[uint64][]bool) func(arena.Sighting) verdictstypes.Answer {
	return func(seen arena.Sighting) verdictstypes.Answer {
		given := answer(seen)
		said[seen.Round.Number] = append(said[seen.Round.Number], given.Category == verdictstypes.CATEGORY_MALICIOUS)
		return given
	}
}

// copying repeats the newest older round's column, which is all that can be read
// before one has to commit.
func copying(said map[uint64][]bool) func(arena.Sighting) verdictstypes.Answer {
	return func(seen arena.Sighting) verdictstypes.Answer {
		for round := seen.Round.Number - 1; round > 0; round-- {
			if column := said[round]; len(column) > 0 {
				return arena.Says(column[seen.Index%len(column)], "honest_90/Family")
			}
		}
		return arena.Says(false, "")
	}
}
