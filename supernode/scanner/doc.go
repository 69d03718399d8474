// Package scanner follows the rounds of the chain for one supernode: it fetches and
// opens the members of a round, runs the engines over them, commits to all answers
// with one hash, and reveals them. What it will say is journalled before anything
// is sent, so that a crash at any step neither loses an answer nor gives two.
package scanner
