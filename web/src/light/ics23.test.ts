import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it, vi } from 'vitest'
import { utf8Bytes } from './bytes'
import { absenceRoot, existenceRoot, iavlSpec, simpleSpec } from './ics23'
import { readProof, type Existence, type Proof } from './ics23-proof'
import { encodings } from './testing/encodings'

vi.setConfig({ testTimeout: 30_000 })

interface StoreProof {
  name: string
  store: Uint8Array
  key: Uint8Array
  value: Uint8Array
  appHash: string
  data: Uint8Array[]
}

const proofs = encodings.proofs.map(
  (proof): StoreProof => ({
    name: `${proof.value ? '' : 'absence of '}${Buffer.from(proof.key, 'hex').toString()} in ${proof.store}`,
    store: utf8Bytes(proof.store),
    key: hexToBytes(proof.key),
    value: hexToBytes(proof.value),
    appHash: proof.app_hash,
    data: proof.ops.map(({ data }) => hexToBytes(data)),
  }),
)

/** The app hash that both parts of a proof lead to. */
function appHash({ store, key, value }: StoreProof, [inStore, inMultistore]: Uint8Array[]): string {
  const proof = readProof(inStore!)
  const root = value.length > 0 ? existenceRoot(iavlSpec, proof, key, value) : absenceRoot(iavlSpec, proof, key)
  return bytesToHex(existenceRoot(simpleSpec, readProof(inMultistore!), store, root))
}

function rootOrNothing(proof: StoreProof, data: Uint8Array[]): string {
  try {
    return appHash(proof, data)
  } catch {
    return ''
  }
}

/** Where a proof of absence names its key, which says nothing: the one that is asked for counts. */
function keyField(data: Uint8Array, key: Uint8Array): [number, number] {
  const start = data[1]! < 0x80 ? 2 : 3 // behind tag and length of the proof
  return [start, start + 2 + key.length]
}

const existing = (key: string): Existence => {
  const found = proofs.find((proof) => Buffer.from(proof.key).toString() === key)!
  return readProof(found.data[0]!).exist!
}

describe('proofs of a real multistore', () => {
  it.each(proofs.map((proof) => [proof.name, proof] as const))('%s', (_, proof) => {
    expect(appHash(proof, proof.data)).toBe(proof.appHash)
  })

  it.each(proofs.map((proof) => [proof.name, proof] as const))('%s: every byte counts', (_, proof) => {
    for (const part of proof.data.keys()) {
      const unused = part === 0 && proof.value.length === 0 ? keyField(proof.data[0]!, proof.key) : [0, 0]
      for (let at = 0; at < proof.data[part]!.length; at++) {
        if (at >= unused[0]! && at < unused[1]!) continue
        const forged = proof.data.map((data) => data.slice())
        forged[part]![at]! ^= 0xff
        expect(rootOrNothing(proof, forged), `byte ${at} of part ${part}`).not.toBe(proof.appHash)
      }
    }
  })

  it('say nothing of other keys and values', () => {
    const proof = proofs[1]!
    expect(() => appHash({ ...proof, key: utf8Bytes('key 79') }, proof.data)).toThrow('another key')
    expect(() => appHash({ ...proof, value: utf8Bytes('value') }, proof.data)).toThrow('another value')
    expect(() => appHash({ ...proof, value: new Uint8Array() }, proof.data)).toThrow('not a proof of absence')
    expect(() => appHash({ ...proof, store: utf8Bytes('samples') }, proof.data)).toThrow('another key')
  })
})

describe('absence', () => {
  const [first, middle, last] = ['key 01', 'key 77', 'key 99'].map(existing)
  const absence = (key: string, left?: Existence, right?: Existence) =>
    absenceRoot(iavlSpec, { nonexist: { left, right } } as Proof, utf8Bytes(key))

  it.each([
    ['between neighbours that are none', () => absence('key 42', first, middle), 'between the neighbours'],
    ['right of one that is not the last', () => absence('key 90', middle), 'right of the left neighbour'],
    ['left of one that is not the first', () => absence('key 42', undefined, middle), 'left of the right neighbour'],
    ['with exchanged neighbours', () => absence('key 80', last, middle), 'not left of the key'],
    ['of the left neighbour', () => absence('key 77', middle, last), 'not left of the key'],
    ['of the right neighbour', () => absence('key 77', first, middle), 'not right of the key'],
    ['without neighbours', () => absence('key 42'), 'without neighbours'],
    [
      'of the same leaf twice',
      () => absence('key 78', middle, { ...middle!, key: utf8Bytes('key 79') }),
      'different trees',
    ],
  ])('%s is not shown', (_, prove, says) => {
    expect(prove).toThrow(says)
  })

  it('of paths that part nowhere is not shown', () => {
    expect(() => absence('key 78', { ...middle!, path: [] }, { ...middle!, path: [] })).toThrow()
  })
})

describe('proofs of a false form', () => {
  const { leaf, path } = existing('key 77')
  const root = (change: Partial<Existence>, spec = iavlSpec) => {
    const proof = { ...existing('key 77'), ...change }
    return existenceRoot(spec, { exist: proof }, proof.key, proof.value)
  }
  const inner = (change: object): Existence['path'] => [{ ...path[0]!, ...change }]

  it.each([
    ['no leaf', { leaf: undefined }, 'without a leaf'],
    ['another hash of the leaf', { leaf: { ...leaf!, hash: 2 } }, 'leaf of another form'],
    ['a value that is not hashed', { leaf: { ...leaf!, prehashValue: 0 } }, 'leaf of another form'],
    ['no length', { leaf: { ...leaf!, length: 0 } }, 'leaf of another form'],
    ['a leaf that looks like a node', { leaf: { ...leaf!, prefix: Uint8Array.of(2, 4, 6) } }, 'does not start with 00'],
    ['more in the leaf', { leaf: { ...leaf!, prefix: Uint8Array.of(0, 2, 2, 1) } }, 'no valid form'],
    ['less in the leaf', { leaf: { ...leaf!, prefix: Uint8Array.of(0, 2) } }, 'cut off'],
    ['no value', { value: new Uint8Array() }, 'without key or value'],
    ['another hash of a node', { path: inner({ hash: 2 }) }, 'another hash'],
    ['a node that looks like a leaf', { path: inner({ prefix: Uint8Array.of(0, 2, 2, 32) }) }, 'below its height'],
    ['a negative height', { path: inner({ prefix: Uint8Array.of(3, 2, 2, 32) }) }, 'negative number'],
    ['half a child before', { path: inner({ prefix: Uint8Array.of(2, 2, 2, 32, 1, 2, 3) }) }, 'no valid form'],
    ['half a child behind', { path: inner({ suffix: new Uint8Array(20) }) }, 'suffix of an inner node'],
    ['129 steps', { path: Array.from({ length: 129 }, () => path[0]!) }, 'at most 128'],
  ])('%s', (_, change, says) => {
    expect(() => root(change as Partial<Existence>)).toThrow(says)
  })

  it('have no longer leaf prefix in the multistore', () => {
    expect(() => root({ leaf: { ...leaf!, prefix: Uint8Array.of(0, 1) } }, simpleSpec)).toThrow('is not 00')
  })
})
