import { WireType } from '@bufbuild/protobuf/wire'
import { readFields } from './wire'

/** How a leaf is hashed: the numbers are those of cosmos.ics23.v1.HashOp and LengthOp. */
export interface Leaf {
  hash: number
  prehashKey: number
  prehashValue: number
  length: number
  prefix: Uint8Array
}

/** One step up: hash(prefix || child || suffix). */
export interface Inner {
  hash: number
  prefix: Uint8Array
  suffix: Uint8Array
}

/** A leaf with the steps from it to the root. */
export interface Existence {
  key: Uint8Array
  value: Uint8Array
  leaf?: Leaf
  path: Inner[]
}

/** cosmos.ics23.v1.CommitmentProof without its batches. */
export interface Proof {
  exist?: Existence
  nonexist?: { left?: Existence; right?: Existence }
}

const { LengthDelimited, Varint } = WireType

/** Reads a CommitmentProof; it throws when that is not protobuf. */
export function readProof(data: Uint8Array): Proof {
  let proof: Proof = {}
  readFields(data, {
    1: [LengthDelimited, (reader) => (proof = { exist: readExistence(reader.bytes()) })],
    2: [LengthDelimited, (reader) => (proof = { nonexist: readNonexistence(reader.bytes()) })],
  })
  return proof
}

function readNonexistence(data: Uint8Array): NonNullable<Proof['nonexist']> {
  const proof: NonNullable<Proof['nonexist']> = {}
  readFields(data, {
    2: [LengthDelimited, (reader) => (proof.left = readExistence(reader.bytes()))],
    3: [LengthDelimited, (reader) => (proof.right = readExistence(reader.bytes()))],
  })
  return proof
}

function readExistence(data: Uint8Array): Existence {
  const proof: Existence = { key: new Uint8Array(), value: new Uint8Array(), path: [] }
  readFields(data, {
    1: [LengthDelimited, (reader) => (proof.key = reader.bytes())],
    2: [LengthDelimited, (reader) => (proof.value = reader.bytes())],
    3: [LengthDelimited, (reader) => (proof.leaf = readLeaf(reader.bytes()))],
    4: [LengthDelimited, (reader) => proof.path.push(readInner(reader.bytes()))],
  })
  return proof
}

function readLeaf(data: Uint8Array): Leaf {
  const leaf: Leaf = { hash: 0, prehashKey: 0, prehashValue: 0, length: 0, prefix: new Uint8Array() }
  readFields(data, {
    1: [Varint, (reader) => (leaf.hash = reader.int32())],
    2: [Varint, (reader) => (leaf.prehashKey = reader.int32())],
    3: [Varint, (reader) => (leaf.prehashValue = reader.int32())],
    4: [Varint, (reader) => (leaf.length = reader.int32())],
    5: [LengthDelimited, (reader) => (leaf.prefix = reader.bytes())],
  })
  return leaf
}

function readInner(data: Uint8Array): Inner {
  const inner: Inner = { hash: 0, prefix: new Uint8Array(), suffix: new Uint8Array() }
  readFields(data, {
    1: [Varint, (reader) => (inner.hash = reader.int32())],
    2: [LengthDelimited, (reader) => (inner.prefix = reader.bytes())],
    3: [LengthDelimited, (reader) => (inner.suffix = reader.bytes())],
  })
  return inner
}
