// Package vault keeps samples encrypted on disk and exchanges them with the
// other supernodes over a private IPFS swarm.
//
// # What is stored
//
// A sample is an age v1 file (https://age-encryption.org/v1, binary, not
// armored): a random 16-byte file key, content in 64 KiB chunks of
// ChaCha20-Poly1305, and exactly one recipient stanza, of age's post-quantum
// hybrid kind (mlkem768x25519), to the vault key of the epoch. The header takes
// about 1.7 KB. The stock tool
// (1.3 or newer) opens it, from any IPFS node in the swarm:
//
//	ipfs cat CID | age -d -i identity.txt
//
// The age file is added to IPFS by the unixfs-v1-2025 profile (IPIP-499):
// CIDv1, sha2-256, raw leaves of 1 MiB, balanced, at most 1024 links a node. A
// file of up to 1 MiB is one raw block. Three values bind it to the chain:
//
//   - the CID names the ciphertext;
//   - the key commitment, SHA-256("virusmap/file-key/v1" || file key), lets a
//     buyer prove that a wrong file key was delivered; ciphertext and file key
//     together determine the plaintext;
//   - the storage root, the RFC 6962 Merkle root over the ciphertext in chunks of
//     1 KiB, lets the chain check that a supernode still has any one chunk.
//
// Every sealing draws a new file key, so nobody can tell from ciphertext or CID
// whether a known file is stored.
//
// # On disk
//
//	Dir/blocks/      blocks of ciphertext, in the layout of kubo's flatfs
//	Dir/catalog.db   which files are stored, which blocks they hold, pins (bbolt)
//	Dir/libp2p.key   identity of the node in the swarm
//
// A file is stored whole or not at all: its blocks are written and synced in a
// staging folder, then renamed between two catalog entries. After a crash Open
// empties the folder and takes unfinished files back. Plaintext only passes
// through memory; swap and core dumps are for the operator to switch off or
// encrypt. When a disk loses a block the file stays listed and reading it fails;
// Remove and Fetch get it back from peers.
//
// # On the wire
//
// libp2p over TCP inside a pre-shared key (the swarm key), then Bitswap among
// the configured peers. There is no DHT, mDNS, relay or hole punching, and
// nothing is announced. Beside Bitswap vaults ask each other short questions, one
// stream each, bounded in size, time and pace (Protocol): which files one has whole
// (Have), and those that package peers adds. What comes from peers is checked against its CID, its
// UnixFS shape, depth and size before it is kept.
//
// # What this does not protect against
//
//   - A supernode that holds the epoch's vault key can read, copy and leak every
//     sample sealed to it; so can whoever steals its identity file, for every
//     epoch key ever sealed to it. There is no forward secrecy and no recall.
//   - Every member of the swarm can ask which files a vault has, can fetch any ciphertext and public archive
//     whose CID it knows, and learns who asks for what. The swarm key keeps out
//     strangers, not members.
//   - Ciphertext shows the exact size of a sample.
//   - Remove forgets one node's copy. It neither reaches other nodes nor
//     overwrites the disk.
//   - A seal proves nothing about its sender, and a submitter may seal something
//     other than claimed: compare the hash and the key commitment after Unseal.
//   - SHA-1 and MD5 are computed for look-ups only; neither resists collisions.
package vault
