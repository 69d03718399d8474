// Package light checks a report against the chain without trusting the server it
// came from. Headers are followed by CometBFT's light client from one trusted block;
// records are read with ICS-23 proofs under a header's app hash; the answers of the
// engines are recomputed from Merkle roots in those records. What it cannot prove is
// said in Unproved.
package light
