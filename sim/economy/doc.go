// Package economy simulates people who want to earn, honestly or not, on the real
// application: contributors, engines and buyers, and the attacks that pay in systems
// which reward uploads. `make sim-economy` runs it, prints each figure as a
// "name: value" line, draws docs/economics/*.svg, and fails when a figure leaves its
// bound. Seeds are fixed. docs/economics.md explains what it shows.
//
// The network of the simulation is a thousandth of a real one: the same prices for a
// sample, a thousandth of the emission, of the targets and of the fixed costs.
package economy
