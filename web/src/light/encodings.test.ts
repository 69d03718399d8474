import { fromBinary } from '@bufbuild/protobuf'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { AttestationSchema } from '../chain/gen/virusmap/verdicts/v1/base_pb'
import { attestationLeaf, columnsOf, labelOf } from './attestation'
import { utf8Bytes } from './bytes'
import { packColumn, unpackColumn } from './column'
import { historyKey, roundKey, sampleKey, supernodeKey, weightsKey } from './keys'
import { merkleRoot } from './merkle'
import { encodings } from './testing/encodings'

const digest = (text: string): Uint8Array => sha256(utf8Bytes(text))

it('keys are those of the collections', () => {
  const keys = {
    sample: sampleKey(digest('sample')),
    supernode: supernodeKey(digest('operator').subarray(0, 20)),
    round: roundKey(2n ** 40n + 7n),
    history: historyKey(digest('sample'), 2n ** 63n + 1n),
    weights: weightsKey(258n),
  }
  expect(Object.fromEntries(Object.entries(keys).map(([name, { key }]) => [name, bytesToHex(key)]))).toEqual(
    encodings.keys,
  )
})

it('Merkle roots are those of RFC 6962', () => {
  const leaves = encodings.merkle.map((_, i) => Uint8Array.of(i))
  expect(leaves.map((_, i) => bytesToHex(merkleRoot(leaves.slice(0, i))))).toEqual(encodings.merkle)
})

describe('columns', () => {
  it.each(encodings.columns.map(({ cells, packed }) => [cells.length / 2, cells, packed] as const))(
    '%d cells',
    (n, cells, packed) => {
      expect(bytesToHex(packColumn(hexToBytes(cells)))).toBe(packed)
      expect(bytesToHex(unpackColumn(hexToBytes(packed), n))).toBe(cells)
    },
  )

  it.each([
    ['nothing', '', 'empty'],
    ['another format', '02', 'has not 5 cells'],
    ['too few cells', '0011223344', 'has not 5 cells'],
    ['too many cells', '00112233445566', '7 bytes for 5 samples'],
    ['a run without a length', '0144', 'without a length'],
    ['a length without an end', '0144ffffffff', 'without a length'],
    ['a run that is too long', '014406', 'bad run'],
    ['bytes where runs are shorter', '004444444444', 'not in its shortest encoding'],
    ['two runs of one value', '0144024403', 'not in its shortest encoding'],
    ['an empty run', '0155004405', 'not in its shortest encoding'],
    ['a longer length', '01448500', 'not in its shortest encoding'],
  ])('%s is refused', (_, packed, says) => {
    expect(() => unpackColumn(hexToBytes(packed), 5)).toThrow(says)
  })
})

describe('an attestation', () => {
  const read = (): ReturnType<typeof fromBinary<typeof AttestationSchema>> =>
    fromBinary(AttestationSchema, hexToBytes(encodings.leaf.attestation))
  const operator = hexToBytes(encodings.leaf.operator)

  it('is the leaf that the chain makes of it', () => {
    expect(bytesToHex(attestationLeaf(operator, read()))).toBe(encodings.leaf.leaf)
    expect(columnsOf(read(), 2)).toHaveLength(1)
    expect([0, 1].map((sample) => labelOf(read().vectors[0]!, sample))).toEqual(['病毒', ''])
  })

  it('without features is a leaf with empty ones', () => {
    const bare = read()
    bare.features = undefined
    expect(bytesToHex(attestationLeaf(operator, bare)).endsWith('1200')).toBe(true)
  })

  it('of another number of samples is refused', () => {
    expect(() => columnsOf(read(), 1)).toThrow()
    expect(() => columnsOf(read(), 3)).toThrow('clamav')
  })

  type Read = ReturnType<typeof read>
  it.each<[string, (attestation: Read) => void, string]>([
    ['a name with a blank', (a) => (a.vectors[0]!.engine = 'clam av'), 'is no name'],
    ['an engine twice', (a) => a.vectors.push(a.vectors[0]!), 'not after the one before'],
    [
      '17 engines',
      (a) => (a.vectors = Array.from({ length: 17 }, (_, i) => ({ ...a.vectors[0]!, engine: `e${10 + i}` }))),
      'at most 16',
    ],
    ['no version', (a) => (a.vectors[0]!.version = ''), 'version has not 1..64 bytes'],
    ['a version that is not printable', (a) => (a.vectors[0]!.version = '1\u202e2'), 'version is not printable'],
    ['a short digest', (a) => (a.vectors[0]!.signatureDigest = new Uint8Array(31)), 'signature_digest has 31 bytes'],
    ['a negative time', (a) => (a.vectors[0]!.signatureTime = -1n), 'signature_time is negative'],
    ['an unknown category', (a) => (a.vectors[0]!.column = Uint8Array.of(0, 0xa0, 0x10)), 'has category 10'],
    ['a label for nobody', (a) => a.vectors[0]!.labels.push('x'), 'table has 2 entries'],
    ['a label of no table', (a) => (a.vectors[0]!.labelRefs[0] = 1), 'label 1 of 1'],
    ['a label behind the round', (a) => (a.vectors[0]!.labelled[0] = 2), 'out of order or range'],
    ['a label without a reference', (a) => a.vectors[0]!.labelled.push(1), 'labelled samples but'],
    [
      'a file type that nobody has',
      (a) => {
        a.features!.fileTypes = ['pdf', 'zip']
        a.features!.typeColumn = Uint8Array.of(0, 0, 0)
      },
      'a file_type that is not used',
    ],
    ['half a similarity key', (a) => (a.features!.keys = a.features!.keys.slice(1)), 'keys have 79 bytes'],
    ['a match of nothing', (a) => (a.features!.matches[0]!.samples = []), 'samples is empty'],
    ['a short bounty', (a) => (a.features!.matches[0]!.bounty = new Uint8Array(31)), 'bounty has 31 bytes'],
    ['a bounty twice', (a) => a.features!.matches.push(a.features!.matches[0]!), 'not after the one before'],
    [
      'a sample that only one engine could not open',
      (a) => a.vectors.push({ ...a.vectors[0]!, engine: 'yara', column: Uint8Array.of(0, 0x90, 0x10) }),
      'undecryptable for some engines only',
    ],
  ])('with %s is refused', (_, change, says) => {
    const attestation = read()
    change(attestation)
    expect(() => columnsOf(attestation, 2)).toThrow(says)
  })
})
