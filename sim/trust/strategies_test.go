package trust

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestStrategies: engines that do not look at the samples end below an honest one that
// is right nine times in ten, in weight and in points, over a thousand rounds.
func TestStrategies(t *testing.T) {
	const rounds = 1000
	coin := rand.New(rand.NewSource(7))
	reference := honest("honest_90", 1, 0.9)
	last := make(map[uint64][]bool) // what the reference said, by round
	reference.answer = recording(reference.answer, last)
	dishonest := []*player{
		{name: "always_clean", answer: func(sighting) verdictstypes.Answer { return says(false, "") }},
		{name: "coin_flip", answer: func(sighting) verdictstypes.Answer { return says(coin.Intn(2) == 0, "Coin/Generic") }},
		{name: "copy_last_round", answer: copying(last)},
		{name: "never_reveal", hides: true, answer: func(seen sighting) verdictstypes.Answer { return says(seen.malicious, "Hidden/Family") }},
	}
	players := []*player{reference}
	for i := range 7 {
		players = append(players, honest(fmt.Sprintf("honest_%d", i), int64(10+i), 0.9))
	}
	players = append(players, dishonest...)
	a := newArena(t, 1, 2, players...)
	bonds := make(map[string]int64)
	for _, p := range players {
		bonds[p.name] = a.bond(p).Amount.Int64()
	}
	a.run(rounds)

	show("strategies_rounds", a.opened())
	table := a.weights()
	best, weight := a.points(reference), row(table, reference).Weight
	require.NotZero(t, weight)
	bound(t, "strategies_points_honest_90", best, 1, unbounded)
	show("strategies_weight_honest_90", weight)
	for _, p := range dishonest {
		show("strategies_weight_"+p.name, row(table, p).Weight)
		bound(t, "strategies_points_"+p.name, a.points(p), 0, best*0.9)
		require.Less(t, row(table, p).Weight, weight, p.name)
	}
	lost := bonds["never_reveal"] - a.bond(dishonest[3]).Amount.Int64()
	bound(t, "strategies_bond_lost_never_reveal_vmt", float64(lost)/1e6, 1, unbounded)
	require.Equal(t, bonds["honest_90"], a.bond(reference).Amount.Int64(), "honest error costs no bond")
}

// recording notes what a player says in initial rounds.
func recording(answer func(sighting) verdictstypes.Answer, said map[uint64][]bool) func(sighting) verdictstypes.Answer {
	return func(seen sighting) verdictstypes.Answer {
		given := answer(seen)
		said[seen.round.Number] = append(said[seen.round.Number], given.Category == verdictstypes.CATEGORY_MALICIOUS)
		return given
	}
}

// copying repeats the newest older round's column, which is all that can be read
// before one has to commit.
func copying(said map[uint64][]bool) func(sighting) verdictstypes.Answer {
	return func(seen sighting) verdictstypes.Answer {
		for round := seen.round.Number - 1; round > 0; round-- {
			if column := said[round]; len(column) > 0 {
				return says(column[seen.index%len(column)], "honest_90/Family")
			}
		}
		return says(false, "")
	}
}
