import type { TrackRecord } from '../chain/gen/virusmap/verdicts/v1/base_pb'
import { Query } from '../chain/gen/virusmap/verdicts/v1/query_pb'
import { all } from '../chain/pages'
import { find, query } from '../chain/rpc'

const epochsShown = 30n

/** One epoch of an engine, over all file types. */
export interface EpochRecord {
  epoch: bigint
  truePositives: bigint
  falsePositives: bigint
  trueNegatives: bigint
  falseNegatives: bigint
  misses: bigint
  points: bigint
}

export interface EngineView {
  name: string
  description: string
  weight: bigint
  skill: number
  independence: number
  /** Oldest first. */
  records: EpochRecord[]
}

/** The engines of an operator with what they weigh and how they did. */
export async function enginesOf(operator: string): Promise<EngineView[]> {
  const [engines, weights] = await Promise.all([
    all((pagination) => query(Query.method.engines, { operator, pagination }), (answer) => answer.engines),
    find(Query.method.weights, { epoch: 0n }),
  ])
  return Promise.all(engines.map(async ({ name, description }) => {
    const row = weights?.table?.rows.find((r) => r.operator === operator && r.engine === name)
    const found = await find(Query.method.trackRecord, { operator, engine: name, pagination: { limit: epochsShown } })
    return {
      name, description, weight: row?.weight ?? weights?.table?.newcomerWeight ?? 0n,
      skill: (row?.skillPpm ?? 0) / 1e6, independence: (row?.independencePpm ?? 0) / 1e6,
      records: (found?.records ?? []).map(summed).reverse(),
    }
  }))
}

function summed(record: TrackRecord): EpochRecord {
  const sum = (key: 'truePositives' | 'falsePositives' | 'trueNegatives' | 'falseNegatives' | 'misses') =>
    record.types.reduce((total, type) => total + type[key], 0n)
  return {
    epoch: record.epoch, points: record.points, truePositives: sum('truePositives'), falsePositives: sum('falsePositives'),
    trueNegatives: sum('trueNegatives'), falseNegatives: sum('falseNegatives'), misses: sum('misses'),
  }
}
