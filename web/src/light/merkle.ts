import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'

const leafPrefix = Uint8Array.of(0)
const innerPrefix = Uint8Array.of(1)

/** The root of the Merkle tree of RFC 6962 over the leaves in their order. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array())
  if (leaves.length === 1) return sha256(concatBytes(leafPrefix, leaves[0]!))
  let split = 1 // the largest power of two below the number of leaves
  while (split * 2 < leaves.length) split *= 2
  return sha256(concatBytes(innerPrefix, merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split))))
}
