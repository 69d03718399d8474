// Package peers lets supernodes give each other the vault keys of past epochs. The chain
// seals a key to those who were seated when it was made; who joins later asks a seated
// peer, over a connection that authenticates both vaults. What a peer gives is believed
// only when it is the secret half of the key that the chain has published.
package peers
