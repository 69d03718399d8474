// Package trust simulates selfish and hostile operators on the real application: real
// keepers, stores, signatures and blocks, with fixed seeds. `make sim-trust` runs it,
// prints each figure as a "name: value" line and fails when one is out of its bound.
package trust
