package trust

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestClones: nine copies of one engine weigh about as much as one, beside three
// engines that are as good and independent.
func TestClones(t *testing.T) {
	original := honest("original", 1, 0.85)
	var clones, independents []*player
	for i := range 9 {
		clones = append(clones, &player{name: fmt.Sprintf("clone_%d", i), answer: original.answer})
	}
	for i := range 3 {
		independents = append(independents, honest(fmt.Sprintf("independent_%d", i), int64(100+i), 0.85))
	}
	a := newArena(t, 2, 8, append(clones, independents...)...)
	a.run(250)

	table := a.weights()
	var together, single float64
	for _, p := range clones {
		together += float64(row(table, p).Weight)
	}
	for _, p := range independents {
		show("clones_weight_"+p.name, row(table, p).Weight)
		single += float64(row(table, p).Weight) / float64(len(independents))
	}
	show("clones_independence_ppm", row(table, clones[0]).IndependencePpm)
	show("clones_weight_together", together)
	bound(t, "clones_weight_in_independents", together/single, 0.5, 1.5)
}

// TestPlantedCorrelation: of an engine that copies another with a probability c, and
// else thinks for itself, the estimator finds the overlap c / (2 - c) of their errors.
func TestPlantedCorrelation(t *testing.T) {
	for i, copied := range []float64{0, 0.6, 0.9} {
		seed := int64(20 * (i + 1))
		model, own := honest("model", seed, 0.85), honest("own", seed+1, 0.85)
		random := rand.New(rand.NewSource(seed + 2))
		copyist := &player{name: "copyist", answer: func(seen sighting) verdictstypes.Answer {
			// Both are asked always, so that neither's later answers depend on the choice.
			theirs, its := model.answer(seen), own.answer(seen)
			if seen.round.Kind == verdictstypes.ROUND_KIND_INITIAL && random.Float64() < copied {
				its.Category = theirs.Category
			}
			return says(its.Category == verdictstypes.CATEGORY_MALICIOUS, "Copyist/Family")
		}}
		a := newArena(t, seed, 16, model, copyist,
			honest("witness_0", seed+3, 0.85), honest("witness_1", seed+4, 0.85))
		a.run(150)

		pair := []verdictstypes.ErrorWindow{a.window(model), a.window(copyist)}
		overlap := 1e6/float64(verdictstypes.Independence(pair)[0]) - 1
		name := fmt.Sprintf("planted_copying_%.0f_percent", 100*copied)
		show(name+"_overlap", copied/(2-copied))
		bound(t, name+"_found", overlap, copied/(2-copied)-0.08, copied/(2-copied)+0.08)
	}
}

func (a *arena) window(p *player) verdictstypes.ErrorWindow {
	a.t.Helper()
	window, err := a.App.VerdictsKeeper.Windows.Get(a.Context(), collections.Join(p.node.Operator.Address, engineName))
	require.NoError(a.t, err)
	return window
}
