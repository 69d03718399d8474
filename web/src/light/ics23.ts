/**
 * ICS-23 proofs of the two kinds of trees that a Cosmos SDK chain has: IAVL trees of the
 * stores and the simple Merkle tree over their roots. Source: the ICS-23 specification,
 * https://github.com/cosmos/ibc/tree/main/spec/core/ics-023-vector-commitments, with the
 * specs that its Go implementation fixes for both. Batches are not taken: no node sends one.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { compare, equal } from './bytes'
import type { Existence, Inner, Leaf, Proof } from './ics23-proof'

/** The form of a tree's proofs; what both kinds have in common stands in the functions. */
export interface Spec {
  /** Sizes of what stands before the children in the preimage of an inner node, in bytes. */
  minPrefix: number
  maxPrefix: number
  /** Size of one child, in bytes. */
  childSize: number
  /** Whether prefixes hold height, size and version, which have to be well-formed. */
  iavl: boolean
}

export const iavlSpec: Spec = { minPrefix: 4, maxPrefix: 12, childSize: 33, iavl: true }
export const simpleSpec: Spec = { minPrefix: 1, maxPrefix: 1, childSize: 32, iavl: false }

const maxDepth = 128

// The numbers of the hash and length operations in the protobuf enums.
const noHash = 0
const sha256Hash = 1
const varintLength = 1

/** The root under which the proof shows that the key has the value. It throws when it shows no such thing. */
export function existenceRoot(spec: Spec, proof: Proof, key: Uint8Array, value: Uint8Array): Uint8Array {
  const exist = proof.exist
  if (!exist) throw new Error('not a proof of existence')
  if (!equal(exist.key, key)) throw new Error('a proof of another key')
  if (!equal(exist.value, value)) throw new Error('a proof of another value')
  return rootOf(spec, exist)
}

/** The root under which the proof shows that the key is absent. It throws when it shows no such thing. */
export function absenceRoot(spec: Spec, proof: Proof, key: Uint8Array): Uint8Array {
  if (!proof.nonexist) throw new Error('not a proof of absence')
  const { left, right } = proof.nonexist
  if (left && compare(left.key, key) >= 0) throw new Error('the left neighbour is not left of the key')
  if (right && compare(right.key, key) <= 0) throw new Error('the right neighbour is not right of the key')
  if (left && right) {
    const root = rootOf(spec, left)
    if (!equal(root, rootOf(spec, right))) throw new Error('the neighbours are of different trees')
    if (!areNeighbours(spec, left.path, right.path)) throw new Error('something stands between the neighbours')
    return root
  }
  if (left) {
    if (!left.path.every((step) => branchOf(spec, step) === 1))
      throw new Error('something stands right of the left neighbour')
    return rootOf(spec, left)
  }
  if (right) {
    if (!right.path.every((step) => branchOf(spec, step) === 0))
      throw new Error('something stands left of the right neighbour')
    return rootOf(spec, right)
  }
  throw new Error('a proof of absence without neighbours')
}

function rootOf(spec: Spec, proof: Existence): Uint8Array {
  if (proof.path.length > maxDepth) throw new Error(`${proof.path.length} steps, at most ${maxDepth}`)
  if (!proof.leaf) throw new Error('a proof without a leaf')
  checkLeaf(spec, proof.leaf)
  if (proof.key.length === 0 || proof.value.length === 0) throw new Error('a leaf without key or value')
  const valueHash = sha256(proof.value)
  let node = sha256(
    concatBytes(proof.leaf.prefix, varint(proof.key.length), proof.key, varint(valueHash.length), valueHash),
  )
  for (const [depth, step] of proof.path.entries()) {
    checkInner(spec, step, depth + 1)
    node = sha256(concatBytes(step.prefix, node, step.suffix))
  }
  return node
}

function checkLeaf(spec: Spec, leaf: Leaf): void {
  if (
    leaf.hash !== sha256Hash ||
    leaf.prehashKey !== noHash ||
    leaf.prehashValue !== sha256Hash ||
    leaf.length !== varintLength
  ) {
    throw new Error('a leaf of another form')
  }
  if (leaf.prefix[0] !== 0) throw new Error('the prefix of a leaf does not start with 00')
  if (spec.iavl) checkIavlPrefix(leaf.prefix, 0)
  // The specification would take more here; no tree of this kind has it.
  else if (leaf.prefix.length !== 1) throw new Error('the prefix of a leaf is not 00')
}

function checkInner(spec: Spec, step: Inner, height: number): void {
  if (step.hash !== sha256Hash) throw new Error('an inner node with another hash')
  if (spec.iavl) checkIavlPrefix(step.prefix, height)
  if (step.prefix[0] === 0) throw new Error('the prefix of an inner node is that of a leaf')
  if (step.prefix.length < spec.minPrefix || step.prefix.length > spec.maxPrefix + spec.childSize) {
    throw new Error(`the prefix of an inner node has ${step.prefix.length} bytes`)
  }
  if (step.suffix.length % spec.childSize !== 0)
    throw new Error(`the suffix of an inner node has ${step.suffix.length} bytes`)
}

/**
 * An IAVL node begins with its height, size and version as zigzag varints. Behind them an
 * inner node has the length of a child, and before that perhaps the left child.
 */
function checkIavlPrefix(prefix: Uint8Array, height: number): void {
  let at = 0
  for (let i = 0; i < 3; i++) {
    let raw = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = prefix[at++]
      if (byte === undefined || shift > 63n) throw new Error('the prefix of an IAVL node is cut off')
      raw |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    if (raw >= 1n << 64n || (raw & 1n) === 1n) throw new Error('an IAVL node with a negative number')
    if (i === 0 && raw >> 1n < BigInt(height)) throw new Error('an IAVL node below its height')
  }
  const rest = prefix.length - at
  if (height === 0 ? rest !== 0 : rest !== 1 && rest !== 34)
    throw new Error('the prefix of an IAVL node has no valid form')
}

/** Which child the proved one is: 0 left, 1 right, undefined when the step fits neither. */
function branchOf(spec: Spec, step: Inner): 0 | 1 | undefined {
  const before = step.prefix.length
  if (before >= spec.minPrefix && before <= spec.maxPrefix && step.suffix.length === spec.childSize) return 0
  const { childSize } = spec
  if (before >= spec.minPrefix + childSize && before <= spec.maxPrefix + childSize && step.suffix.length === 0) return 1
  return undefined
}

/** Whether nothing stands between two leaves whose paths go up to the same root. */
function areNeighbours(spec: Spec, left: readonly Inner[], right: readonly Inner[]): boolean {
  let l = left.length - 1
  let r = right.length - 1
  while (l >= 0 && r >= 0 && equal(left[l]!.prefix, right[r]!.prefix) && equal(left[l]!.suffix, right[r]!.suffix)) {
    l--
    r--
  }
  // Here the paths part.
  if (l < 0 || r < 0) return false
  if (branchOf(spec, left[l]!) !== 0 || branchOf(spec, right[r]!) !== 1) return false
  return (
    left.slice(0, l).every((step) => branchOf(spec, step) === 1) &&
    right.slice(0, r).every((step) => branchOf(spec, step) === 0)
  )
}

function varint(value: number): Uint8Array {
  const bytes = []
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push(value % 128 | 0x80)
  return Uint8Array.from([...bytes, value])
}
