/** The claims about what the engines said. */
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { bech32 } from '@scure/base'
import { bytesToHex } from '@noble/hashes/utils.js'
import { SupernodeSchema } from '../chain/gen/virusmap/supernode/v1/base_pb'
import { Category, WeightTableSchema } from '../chain/gen/virusmap/verdicts/v1/base_pb'
import {
  QueryAttestationsRequestSchema,
  QueryAttestationsResponseSchema,
} from '../chain/gen/virusmap/verdicts/v1/query_pb'
import { attestationLeaf, columnsOf } from './attestation'
import { equal } from './bytes'
import type { Check } from './check'
import { messageOf, quoted, Refuted } from './errors'
import { supernodeKey, weightsKey } from './keys'
import { merkleRoot } from './merkle'
import { categoryName, outcomeName } from './names'
import { categories, type EngineResult } from './report'
import { tally, verdictsOf, weigher, type Verdict } from './tally'
import { formatTime, second } from './time'

const addressPrefix = 'vmt'
const maxAddressCharacters = 1023
const maxAddressBytes = 255
const maxDifferences = 8
const methodAttested = 'attested'
const labelUndecryptable = 'undecryptable'

/** Reads everything that was revealed in the round and recomputes the root, so that nothing can be left out or changed. */
export async function attested(check: Check): Promise<string> {
  const { number, samples, attestations, attestationsRoot } = check.round
  const request = toBinary(QueryAttestationsRequestSchema, {
    $typeName: QueryAttestationsRequestSchema.typeName,
    round: number,
  })
  const signed = await check.state.query('Attestations', request, (value) => {
    const answer = fromBinary(QueryAttestationsResponseSchema, value, { readUnknownFields: false }).attestations
    if (answer.length !== attestations) throw new Error(`${answer.length} attestations, the round has ${attestations}`)
    const leaves = answer.map(({ operator, attestation }) => {
      if (!attestation) throw new Error(`no attestation of ${quoted(operator)}`)
      return attestationLeaf(operatorBytes(operator), attestation)
    })
    if (!equal(merkleRoot(leaves), attestationsRoot))
      throw new Error("the attestations do not give the round's attestations root")
    return answer
  })
  check.vectors = signed.flatMap(({ operator, attestation }) => {
    try {
      const columns = columnsOf(attestation!, samples)
      return attestation!.vectors.map((vector, i) => ({ operator, vector, column: columns[i]! }))
    } catch (error) {
      throw new Refuted(`attestation of ${operator}: ${messageOf(error)}`)
    }
  })
  check.verdicts = verdictsOf(check.vectors, check.index)
  return `${signed.length} attestations give the round's attestations root`
}

/** Proves what the engines weighed in the round's epoch, or that nothing was stored of it. */
export async function weights(check: Check): Promise<string> {
  const { epoch } = check.round
  const table = await check.readIfAny(WeightTableSchema, weightsKey(epoch))
  const weightOf = weigher(table)
  for (const verdict of check.verdicts) verdict.weight = weightOf(verdict.operator, verdict.vector.engine)
  return table
    ? `the weights of epoch ${epoch} name ${table.rows.length} engines`
    : `epoch ${epoch} has no weights, so that all engines weigh the same`
}

/** Compares the sets of engines. */
export function engines(check: Check): string {
  const attested = new Map(check.verdicts.map((verdict) => [idOf(verdict.operator, verdict.vector.engine), verdict]))
  const reported = new Set<string>()
  const differences: string[] = []
  for (const [key, { operator, engine }] of check.report.results) {
    const id = idOf(operator, engine)
    if (reported.has(id)) differences.push(`${key} repeats ${engine} of ${operator}`)
    else if (!attested.has(id)) differences.push(`${key}: nobody attested engine ${engine} of ${operator}`)
    reported.add(id)
  }
  for (const [id, { operator, vector }] of attested) {
    if (!reported.has(id)) differences.push(`engine ${vector.engine} of ${operator} is left out`)
  }
  differ(differences)
  return `the report has exactly the ${attested.size} engines that attested`
}

/** Compares every field of every result. */
export async function verdicts(check: Check): Promise<string> {
  const proved = new Map(check.verdicts.map((verdict) => [idOf(verdict.operator, verdict.vector.engine), verdict]))
  const differences: string[] = []
  for (const [key, result] of check.report.results) {
    const verdict = proved.get(idOf(result.operator, result.engine))
    if (!verdict) continue // the engines claim names it
    const unique = check.verdicts.filter(({ vector }) => vector.engine === result.engine).length === 1
    const name = await displayName(check, key, verdict, unique)
    if (key !== name) differences.push(`${key}: the engine is ${name}`)
    differences.push(...compareResults(result, resultOf(key, verdict)).map((field) => `${key}: ${field}`))
  }
  differ(differences)
  return `category, label, version, confidence and signature set of all ${proved.size} results are as attested`
}

/** Compares the counts with those of the proved verdicts. */
export function stats(check: Check): string {
  const differences: string[] = []
  for (const category of categories) {
    const said = check.report.stats.get(category)!
    const counted = check.verdicts.filter((verdict) => categoryName(verdict.category) === category).length
    if (said !== BigInt(counted)) differences.push(`${category} is ${said} in the report, ${counted} on the chain`)
  }
  differ(differences)
  return 'the counts by category are those of the attested verdicts'
}

/** Tallies again by the round's own rules. */
export function outcome(check: Check): string {
  const { rules, expectedWeight } = check.round
  if (!rules) throw new Refuted('the round has no rules')
  const counted = outcomeName(tally(rules, expectedWeight, check.verdicts))
  if (counted !== check.outcome) throw new Refuted(`the attestations give ${counted}, the chain says ${check.outcome}`)
  return `the round's rules over the ${check.verdicts.length} attested and weighed verdicts give ${counted}`
}

/**
 * The key that a result should have. A moniker is proved when it is used, and refused
 * when it passes for an address.
 */
async function displayName(check: Check, key: string, { operator, vector }: Verdict, unique: boolean): Promise<string> {
  const byOperator = `${vector.engine}@${operator}`
  if (unique) return vector.engine
  if (key === byOperator) return key
  try {
    const moniker = (await check.read(SupernodeSchema, supernodeKey(operatorBytes(operator)))).profile?.moniker ?? ''
    const passes = moniker.toLowerCase().startsWith(`${addressPrefix}1`)
    return moniker === '' || passes ? byOperator : `${vector.engine}@${moniker}`
  } catch (error) {
    if (error instanceof Refuted) return byOperator
    throw error
  }
}

/** A proved verdict under a display key, as a gateway writes it. */
function resultOf(key: string, { operator, vector, category, confidence, label }: Verdict): EngineResult {
  const undecryptable = category === Category.UNDECRYPTABLE
  return {
    category: categoryName(category),
    engineName: key,
    engineVersion: vector.version,
    engineUpdate: vector.signatureTime === 0n ? '' : dateOf(vector.signatureTime),
    method: methodAttested,
    label: undecryptable ? labelUndecryptable : label === '' ? null : label,
    confidence: BigInt(confidence),
    operator,
    engine: vector.engine,
    signatureDigest: bytesToHex(vector.signatureDigest),
  }
}

function compareResults(said: EngineResult, proved: EngineResult): string[] {
  const fields: [string, string | bigint, string | bigint][] = [
    ['category', said.category, proved.category],
    ['engine_name', said.engineName, proved.engineName],
    ['engine_version', said.engineVersion, proved.engineVersion],
    ['engine_update', said.engineUpdate, proved.engineUpdate],
    ['method', said.method, proved.method],
    ['result', JSON.stringify(said.label), JSON.stringify(proved.label)],
    ['confidence', said.confidence, proved.confidence],
    ['signature_digest', said.signatureDigest, proved.signatureDigest],
  ]
  return fields
    .filter(([, is, want]) => is !== want)
    .map(([name, is, want]) => `${name} is ${is} in the report, ${want} on the chain`)
}

/** As 20060102; times beyond what a calendar has are no date that a report could name. */
function dateOf(seconds: bigint): string {
  if (seconds > 253_402_300_799n) return `${seconds} s`
  return formatTime(seconds * second)
    .slice(0, 10)
    .replaceAll('-', '')
}

function operatorBytes(operator: string): Uint8Array {
  try {
    if (!operator.includes('1')) throw new Error('it has no prefix')
    const { prefix, words } = bech32.decode(operator as `${string}1${string}`, maxAddressCharacters)
    const bytes = bech32.fromWords(words)
    if (prefix !== addressPrefix) throw new Error(`its prefix is not ${addressPrefix}`)
    if (bytes.length === 0 || bytes.length > maxAddressBytes) throw new Error(`it has ${bytes.length} bytes`)
    return bytes
  } catch (error) {
    throw new Error(`operator ${quoted(operator, 100)}: ${messageOf(error)}`)
  }
}

const idOf = (operator: string, engine: string): string => `${operator}\n${engine}`

/** Refutes when there is any difference. */
function differ(differences: string[]): void {
  if (differences.length === 0) return
  const shown = differences.toSorted().slice(0, maxDifferences)
  const more = differences.length - shown.length
  throw new Refuted([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; '))
}
