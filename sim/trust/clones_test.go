package trust

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"

	"github.com/virusmap/virusmap/sim/arena"
)

// TestClones: nine copies of one engine weigh about as much as one, beside three
// engines that are as good and independent.
func TestClones(t *testing.T) {
	original := arena.Honest("original", 1, 0.85)
	var clones, independents []*arena.Player
	for i := range 9 {
		clones = append(clones, &arena.Player{Name: fmt.Sprintf("clone_%d", i), Answer: original.Answer})
	}
	for i := range 3 {
		independents = append(independents, arena.Honest(fmt.Sprintf("independent_%d", i), int64(100+i), 0.85))
	}
	a := newMatch(t, 2, 8, append(clones, independents...)...)
	a.run(250)

	table := a.Weights()
	var together, single float64
	for _, p := range clones {
		together += float64(arena.Row(table, p).Weight)
	}
	for _, p := range independents {
		arena.Show("clones_weight_"+p.Name, arena.Row(table, p).Weight)
		single += float64(arena.Row(table, p).Weight) / float64(len(independents))
	}
	arena.Show("clones_independence_ppm", arena.Row(table, clones[0]).IndependencePpm)
	arena.Show("clones_weight_together", together)
	arena.Bound(t, "clones_weight_in_independents", together/single, 0.5, 1.5)
}

// TestPlantedCorrelation: of an engine that copies another with a probability c, and
// else thinks for itself, the estimator finds the overlap c / (2 - c) of their errors.
func TestPlantedCorrelation(t *testing.T) {
	for i, copied := range []float64{0, 0.6, 0.9} {
		seed := int64(20 * (i + 1))
		model, own := arena.Honest("model", seed, 0.85), arena.Honest("own", seed+1, 0.85)
		random := rand.New(rand.NewSource(seed + 2))
		copyist := &arena.Player{Name: "copyist", Answer: func(seen arena.Sighting) verdictstypes.Answer {
			// Both are asked always, so that neither's later answers depend on the choice.
			theirs, its := model.Answer(seen), own.Answer(seen)
			if seen.Round.Kind == verdictstypes.ROUND_KIND_INITIAL && random.Float64() < copied {
				its.Category = theirs.Category
			}
			return arena.Says(its.Category == verdictstypes.CATEGORY_MALICIOUS, "Copyist/Family")
		}}
		a := newMatch(t, seed, 16, model, copyist,
			arena.Honest("witness_0", seed+3, 0.85), arena.Honest("witness_1", seed+4, 0.85))
		a.run(150)

		pair := []verdictstypes.ErrorWindow{a.window(model), a.window(copyist)}
		overlap := 1e6/float64(verdictstypes.Independence(pair)[0]) - 1
		name := fmt.Sprintf("planted_copying_%.0f_percent", 100*copied)
		arena.Show(name+"_overlap", copied/(2-copied))
		arena.Bound(t, name+"_found", overlap, copied/(2-copied)-0.08, copied/(2-copied)+0.08)
	}
}

func (m *match) window(p *arena.Player) verdictstypes.ErrorWindow {
	m.T.Helper()
	window, err := m.App.VerdictsKeeper.Windows.Get(m.Context(), collections.Join(p.Node.Operator.Address, arena.Engine))
	require.NoError(m.T, err)
	return window
}
