/** Verdicts of one sample and what they add up to, as in x/verdicts/types/{report,tally,weights}.go. */
import {
  Category,
  Outcome,
  type RoundRules,
  type VerdictVector,
  type WeightTable,
} from '../chain/gen/virusmap/verdicts/v1/base_pb'
import { labelOf } from './attestation'

const ppm = 1_000_000n

/** What an engine weighs in an epoch of which no weights are stored. */
const fullWeight = ppm

/** A vector of an attestation with its operator and its unpacked column. */
export interface AttestedVector {
  operator: string
  vector: VerdictVector
  column: Uint8Array
}

/** What one engine said of one sample, and what it weighs. */
export interface Verdict {
  operator: string
  vector: VerdictVector
  category: Category
  /** 0..15 */
  confidence: number
  label: string
  weight: bigint
}

/** The row of a sample, in operator and engine order, still without weights. */
export function verdictsOf(vectors: readonly AttestedVector[], sample: number): Verdict[] {
  return vectors.map(({ operator, vector, column }) => ({
    operator,
    vector,
    category: column[sample]! >> 4,
    confidence: column[sample]! & 15,
    label: labelOf(vector, sample),
    weight: 0n,
  }))
}

/** Tells what an engine weighs by a table; without one all are newcomers of full weight. */
export function weigher(table: WeightTable | undefined): (operator: string, engine: string) => bigint {
  if (!table) return () => fullWeight
  const weights = new Map(table.rows.map((row) => [`${row.operator} ${row.engine}`, row.weight]))
  return (operator, engine) => weights.get(`${operator} ${engine}`) ?? table.newcomerWeight
}

/** Decides a sample by the rules of its round; expected is the weight of all seated engines. */
export function tally(rules: RoundRules, expected: bigint, verdicts: readonly Verdict[]): Outcome {
  const weightOf = (...categories: Category[]): bigint =>
    verdicts.filter(({ category }) => categories.includes(category)).reduce((sum, { weight }) => sum + weight, 0n)
  const cast = verdicts.reduce((sum, { weight }) => sum + weight, 0n)
  const total = expected > cast ? expected : cast
  const malicious = weightOf(Category.MALICIOUS)
  const suspected = malicious + weightOf(Category.SUSPICIOUS)
  const decisive = suspected + weightOf(Category.HARMLESS, Category.UNDETECTED)
  const answered = decisive + weightOf(Category.TYPE_UNSUPPORTED)
  if (weightOf(Category.UNDECRYPTABLE) * 2n > cast) return Outcome.INVALID
  if (decisive === 0n || answered * ppm < BigInt(rules.quorumPpm) * total) return Outcome.UNDETERMINED
  if (malicious > 0n && malicious * ppm >= BigInt(rules.maliciousPpm) * decisive) return Outcome.MALICIOUS
  if (suspected > 0n && suspected * ppm >= BigInt(rules.suspiciousPpm) * decisive) return Outcome.SUSPICIOUS
  return Outcome.CLEAN
}
