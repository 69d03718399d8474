// Package custody keeps the ciphertexts that the chain assigns to one operator, proves to
// the chain that they are there, and hands them over when they are assigned to others.
//
// Rendezvous hashing (samplestypes.Holders) assigns each sample to a few of the operators
// that attest in an epoch. At every new epoch custody goes through all samples: it fetches
// what is assigned and missing, and drops what is assigned to others once they have it.
// In between it looks at the members of each finished round.
//
// It remembers nothing that the chain and the vault do not tell, besides one pin in the
// vault for each file it has seen here, so that it finds the ciphertext of a record that
// has expired. Killed at any step, it does the step again.
package custody
