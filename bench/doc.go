// Package bench measures the chain at level A: whole blocks through FinalizeBlock
// and Commit, with real signatures, on a real database. `make bench` runs it, prints
// each figure as a "name: value" line and writes docs/bench/level-a.md.
package bench
