import { create, toBinary } from '@bufbuild/protobuf'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it, vi } from 'vitest'
import { Kind, SampleSchema } from '../chain/gen/virusmap/samples/v1/base_pb'
import { utf8Bytes } from './bytes'
import { Check } from './check'
import { verifyReport, Unverifiable, type Config } from './index'
import { readReport } from './report'
import { conversation, replay, vectors } from './testing/replay'

vi.setConfig({ testTimeout: 30_000 })

type Json = Record<string, unknown>

const honest = conversation('one honest server')
const text = JSON.stringify(vectors.report)
const attributesOf = (report: unknown): Json => ((report as Json).data as Json).attributes as Json

/** Every scalar of a part of the attributes, with the object it stands in. */
function* leaves(owner: Json, name: string, path = name): Generator<[string, Json, string]> {
  const value = owner[name]
  if (typeof value !== 'object' || value === null) yield [path, owner, name]
  else for (const key of Object.keys(value).sort()) yield* leaves(value as Json, key, `${path}/${key}`)
}

function changed(value: unknown): unknown[] {
  const others =
    typeof value === 'string'
      ? [`${value}0`, 'undetected', 'clean', null, 1, undefined]
      : typeof value === 'number'
        ? [value + 1, value - 1, value + 0.5, String(value), null, undefined]
        : ['x', 1, undefined]
  return others.filter((other) => other !== value)
}

describe('a true report', () => {
  const parts = ['sha256', 'size', 'last_analysis_results', 'last_analysis_stats', 'virusmap']
  const paths = parts
    .flatMap((part) => [...leaves(attributesOf(vectors.report), part)].map(([path]) => [part, path] as const))
    .filter(([, path]) => path !== 'virusmap/height') // the report may be from other heights too

  it.each(paths)('with another %s: %s is caught', async (part, wanted) => {
    const report = structuredClone(vectors.report)
    const [, owner, name] = [...leaves(attributesOf(report), part)].find(([path]) => path === wanted)!
    const before = owner[name]
    for (const after of changed(before)) {
      if (after === undefined && part === 'size') continue // it is not checked when it is not claimed
      if (after === undefined) delete owner[name]
      else owner[name] = after
      const { result, error } = await replay(honest, undefined, report)
      if (error) expect(error).toBeInstanceOf(Unverifiable)
      else expect(result!.ok, `${wanted} is ${String(after)}`).toBe(false)
    }
  })
})

describe('a report of a URL', () => {
  const address = 'https://shop.example/ü'
  const of = (id: string, url: string): unknown =>
    JSON.parse(
      text
        .replace('"type":"file"', '"type":"url"')
        .replace(/"id":"[^"]*"/, `"id":"${id}"`)
        .replace(/"sha256":"[^"]*"/, `"url":"${url}"`),
    )
  const id = bytesToHex(sha256(utf8Bytes(address)))

  it('has the URL as its content', () => {
    expect(readReport(of(id, address))).toMatchObject({ kind: 'url', sha256: id, sizeBytes: 23n })
    expect(() => readReport(of(id, 'https://bank.example/'))).toThrow('not the SHA-256 of attributes.url')
    expect(() => readReport(JSON.parse(text.replace('"type":"file"', '"type":"url"')))).toThrow('"url" is missing')
  })

  it('is none of a file', async () => {
    const sampleOf = async (kind: Kind, report: unknown): Promise<string> => {
      const check = new Check(undefined as never, readReport(report))
      const size = check.report.sizeBytes!
      check.state = {
        prove: () => Promise.resolve(toBinary(SampleSchema, create(SampleSchema, { kind, sizeBytes: size }))),
      } as never
      return await check.sample()
    }
    await expect(sampleOf(Kind.URL, of(id, address))).resolves.toContain('with 23 bytes')
    await expect(sampleOf(Kind.FILE, of(id, address))).rejects.toThrow('about a url, the chain has a file')
    await expect(sampleOf(Kind.URL, vectors.report)).rejects.toThrow('about a file, the chain has a url')
  })
})

describe('a report with', () => {
  it.each([
    ['another case of a field', '"confidence":9', '"Confidence":9', '"confidence" is missing'],
    ['an unknown field', '"confidence":9', '"confidence":9,"comment":"x"', 'unknown field "comment"'],
    ['an unknown field of the chain', '"chain_id":', '"x":1,"chain_id":', 'unknown field "x"'],
    ['an unknown category', '"harmless":0', '"harmles":0', '"harmless" is missing'],
    ['too much confidence', '"confidence":9', '"confidence":16', 'at most 15'],
    ['less than no confidence', '"confidence":9', '"confidence":-1', 'at most 15'],
    ['a fraction', '"confidence":9', '"confidence":9.5', 'want an integer'],
    ['a number as text', '"confidence":9', '"confidence":"9"', 'want an integer'],
    ['a number beyond exactness', '"round":7', '"round":9007199254740993', 'want an integer'],
    ['null for a text', '"method":"attested"', '"method":null', 'is not a string'],
    ['a control character', '"method":"attested"', '"method":"\\u001b[2J"', 'not printable'],
    ['half a surrogate', '"method":"attested"', '"method":"\\ud800"', 'not printable'],
    ['a long label', '"Eicar-Test-Signature"', `"${'ä'.repeat(65)}"`, '128 bytes'],
    ['the type of something else', '"type":"file"', '"type":"domain"', 'want "file" or "url"'],
    ['two hashes', '"sha256":"', `"sha256":"${'0'.repeat(64)}","was":"`, 'differs from the id'],
    ['a list of statistics', '"last_analysis_stats":{', '"last_analysis_stats":[],"x":{', 'not a JSON object'],
    ['no results', '"last_analysis_results"', '"results"', 'not finished'],
  ])('%s is refused', (_, from, to, says) => {
    expect(text).toContain(from)
    expect(() => readReport(JSON.parse(text.replace(from, to)))).toThrow(says)
    expect(() => readReport(JSON.parse(text.replace(from, to)))).toThrow(Unverifiable)
  })

  it.each([null, undefined, 'text', 7, [], {}])('%j instead of an object is refused', (document) => {
    expect(() => readReport(document)).toThrow(Unverifiable)
  })

  it('1601 results is refused', () => {
    const report = structuredClone(vectors.report)
    attributesOf(report).last_analysis_results = Object.fromEntries(Array.from({ length: 1601 }, (_, i) => [i, {}]))
    expect(() => readReport(report)).toThrow('more than 1600 fields')
  })

  it('the fields of an object that names its prototype is read as it stands', () => {
    const report = readReport(JSON.parse(text.replace('"yara":{', '"__proto__":{')))
    expect([...report.results.keys()]).toContain('__proto__')
  })
})

describe('settings with', () => {
  const trust = honest.config.trust
  it.each<[string, Partial<Config>, string]>([
    ['no server', { rpc: [] }, 'rpc has 0'],
    ['17 servers', { rpc: Array.from({ length: 17 }, () => 'http://a') }, 'rpc has 17'],
    ['a file as server', { rpc: ['file:///etc/passwd'] }, 'not an address'],
    ['no address', { rpc: ['a b'] }, 'not an address'],
    ['no chain', { chainId: '' }, 'chainId'],
    ['a path as chain', { chainId: '../a' }, 'chainId'],
    ['height 0', { trust: { ...trust, height: 0 } }, 'trust.height is 0'],
    ['half a height', { trust: { ...trust, height: 1.5 } }, 'want an integer'],
    ['a short hash', { trust: { ...trust, hash: 'abab' } }, 'trust.hash'],
    ['no period', { trust: { ...trust, periodSeconds: '0' } }, 'periodSeconds'],
    ['a period of years', { trust: { ...trust, periodSeconds: 366 * 24 * 3600 } }, 'periodSeconds'],
    ['no age', { maxAgeSeconds: 0 }, 'maxAgeSeconds'],
  ])('%s are refused', async (_, change, says) => {
    const run = verifyReport({ ...honest.config, ...change }, vectors.report, () => undefined)
    await expect(run).rejects.toThrow(says)
    await expect(run).rejects.toBeInstanceOf(Unverifiable)
  })

  it('integers as strings or bigints are taken', async () => {
    for (const number of [String, BigInt]) {
      const config = {
        ...honest.config,
        trust: { ...trust, height: number(trust.height), periodSeconds: String(trust.periodSeconds) },
      }
      expect((await replay({ ...honest, config })).result!.ok).toBe(true)
    }
  })
})
