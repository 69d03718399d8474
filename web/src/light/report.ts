/** The part of a VirusTotal v3 file or URL object that can be checked against the chain. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { utf8Bytes } from './bytes'
import { messageOf, Unverifiable } from './errors'
import { JsonObject } from './json'
import { fits, isPrintable } from './text'

/** VirusTotal's eight categories, the keys of Stats. */
export const categories = [
  'malicious',
  'suspicious',
  'undetected',
  'harmless',
  'timeout',
  'confirmed-timeout',
  'failure',
  'type-unsupported',
] as const

export interface Report {
  kind: 'file' | 'url'
  /** SHA-256 of the content in lower-case hex, the id of the object. The content of a URL is the URL. */
  sha256: string
  /** Size of the content; undefined when the object has none. */
  sizeBytes: bigint | undefined
  /** By display key: the engine's name when one supernode alone has it, else engine@moniker or engine@operator. */
  results: Map<string, EngineResult>
  stats: Map<string, bigint>
  chain: Chain
}

/** One entry of last_analysis_results. */
export interface EngineResult {
  category: string
  engineName: string
  engineVersion: string
  /** Date of the signature set as YYYYMMDD, or ''. */
  engineUpdate: string
  method: string
  label: string | null
  /** 0..15 */
  confidence: bigint
  operator: string
  engine: string
  /** SHA-256 of the signature set in hex, or ''. */
  signatureDigest: string
}

/** attributes.virusmap: where on the chain the report comes from. */
export interface Chain {
  chainId: string
  round: bigint
  outcome: string
  /** Height of the state at which the report was read. */
  height: bigint
  roundStatus: string
  seats: bigint
  attestations: bigint
}

/** 100 supernodes with 16 engines each. */
const maxResults = 1600
const maxTextBytes = 256
const maxChainBytes = 64
const maxUrlBytes = 8 << 10
const maxLabelBytes = 128
const maxUint32 = 2n ** 32n - 1n
const maxInt64 = 2n ** 63n - 1n

/**
 * Reads the object, bare or inside {data: …}. In the parts that are checked against the
 * chain it takes no unknown or missing field; errors name the field.
 */
export function readReport(document: unknown): Report {
  try {
    const root = new JsonObject('report', document)
    return readObject(root.has('data') ? root.object('data') : root)
  } catch (error) {
    throw new Unverifiable(messageOf(error))
  }
}

function readObject(object: JsonObject): Report {
  const attributes = object.object('attributes')
  const subject = readSubject(object, attributes)
  if (!attributes.has('last_analysis_results')) {
    attributes.fail(
      "there are no last_analysis_results: the analysis is not finished, or the round's vectors have left the state",
    )
  }
  return {
    ...subject,
    results: readResults(attributes.object('last_analysis_results', maxResults)),
    stats: readStats(attributes.object('last_analysis_stats', categories.length)),
    chain: readChain(attributes.object('virusmap')),
  }
}

/** What a report is about: a file, or a URL, whose content is the text of the URL itself. */
function readSubject(object: JsonObject, attributes: JsonObject): Pick<Report, 'kind' | 'sha256' | 'sizeBytes'> {
  const id = object.hash('id')
  const kind = object.text('type', maxTextBytes)
  if (kind === 'url') {
    const content = utf8Bytes(attributes.text('url', maxUrlBytes))
    if (bytesToHex(sha256(content)) !== id) object.fail('the id is not the SHA-256 of attributes.url')
    return { kind, sha256: id, sizeBytes: BigInt(content.length) }
  }
  if (kind !== 'file') object.fail(`type is ${JSON.stringify(kind)}, want "file" or "url"`)
  if (attributes.hash('sha256') !== id) attributes.fail('sha256 differs from the id')
  return { kind, sha256: id, sizeBytes: attributes.has('size') ? attributes.integer('size', 2n ** 53n) : undefined }
}

function readResults(object: JsonObject): Map<string, EngineResult> {
  const results = new Map<string, EngineResult>()
  for (const key of object.keys()) {
    if (!fits(key, maxTextBytes) || !isPrintable(key))
      object.fail(`a key is longer than ${maxTextBytes} bytes or not printable`)
    const entry = object.object(key)
    results.set(key, {
      category: entry.text('category', maxTextBytes),
      engineName: entry.text('engine_name', maxTextBytes),
      engineVersion: entry.text('engine_version', maxTextBytes),
      engineUpdate: entry.optionalText('engine_update', maxTextBytes),
      method: entry.text('method', maxTextBytes),
      label: entry.textOrNull('result', maxLabelBytes),
      confidence: entry.integer('confidence', 15n),
      operator: entry.text('operator', maxTextBytes),
      engine: entry.text('engine', maxTextBytes),
      signatureDigest: entry.optionalText('signature_digest', 64),
    })
    entry.finish()
  }
  return results
}

function readStats(object: JsonObject): Map<string, bigint> {
  const stats = new Map(
    categories.map((category) => [category as string, object.integer(category, BigInt(maxResults))]),
  )
  object.finish()
  return stats
}

function readChain(object: JsonObject): Chain {
  const chain = {
    chainId: object.text('chain_id', maxChainBytes),
    round: object.integer('round', maxInt64),
    outcome: object.text('outcome', maxTextBytes),
    height: object.integer('height', maxInt64),
    roundStatus: object.text('round_status', maxTextBytes),
    seats: object.integer('seats', maxUint32),
    attestations: object.integer('attestations', maxUint32),
  }
  object.finish()
  return chain
}
