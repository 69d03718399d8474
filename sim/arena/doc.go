// Package arena is where simulated operators and contributors meet: the real
// application with real keepers, stores, signatures and blocks, on which players attest
// to samples whose truth only the arena knows. Every run of a seed is the same.
package arena
