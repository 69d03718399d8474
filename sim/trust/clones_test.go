package trust

import (
	"fmt"
	"testing"
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
