/** Figures of the network: the node's count of rounds, and what the chain itself tells. */
import { nodeBase, request } from '../api/client'
import { ApiError } from '../api/errors'
import { Query as Bank } from '../chain/gen/cosmos/bank/v1beta1/query_pb'
import { Query as Bounty } from '../chain/gen/virusmap/bounty/v1/query_pb'
import { Query as Staking } from '../chain/gen/virusmap/supernode/v1/query_pb'
import { Query as Verdicts } from '../chain/gen/virusmap/verdicts/v1/query_pb'
import { all } from '../chain/pages'
import { find, query, rpc } from '../chain/rpc'

/** Counts of the node; 64-bit numbers come as strings, what is zero is left out. */
interface RawTotals {
  samples?: Record<string, string>
  rounds?: Record<string, string>
  outcomes?: Record<string, string>
  verdicts?: string | number
  detections?: string | number
  engines?: string | number
}

interface RawStatistics {
  totals?: RawTotals
  days?: { date: string; totals?: RawTotals }[]
  height?: string | number
}

export interface Totals {
  samples: Record<string, number>
  rounds: Record<string, number>
  outcomes: Record<string, number>
  verdicts: number
  detections: number
  engines: number
}

export interface Counted {
  totals: Totals
  days: { date: string; totals: Totals }[]
  height: number
}

const numbers = (map: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, Number(value)]))

function totalsOf(raw: RawTotals = {}): Totals {
  return {
    samples: numbers(raw.samples), rounds: numbers(raw.rounds), outcomes: numbers(raw.outcomes),
    verdicts: Number(raw.verdicts ?? 0), detections: Number(raw.detections ?? 0), engines: Number(raw.engines ?? 0),
  }
}

export function counted(raw: RawStatistics): Counted {
  const days = (raw.days ?? []).map(({ date, totals }) => ({ date, totals: totalsOf(totals) }))
  return { totals: totalsOf(raw.totals), days, height: Number(raw.height ?? 0) }
}

/** What the node counted; undefined when it counts nothing. */
export async function nodeStatistics(days: number): Promise<Counted | undefined> {
  try {
    return counted(await request<RawStatistics>(`${nodeBase}/statistics?days=${days}`))
  } catch (error) {
    if (error instanceof ApiError && (error.notFound || error.status === 501)) return undefined
    throw error
  }
}

/** What the chain tells of itself. Amounts are in uvmt. */
export async function chainStatistics() {
  const [status, treasury, supply, epochs, supernodes, engines, weights] = await Promise.all([
    rpc().status(),
    query(Bounty.method.treasury, {}),
    query(Bank.method.supplyOf, { denom: 'uvmt' }),
    query(Bounty.method.epochs, { pagination: { limit: 60n, reverse: true } }),
    all((pagination) => query(Staking.method.supernodes, { pagination }), (answer) => answer.supernodes),
    all((pagination) => query(Verdicts.method.engines, { pagination }), (answer) => answer.engines),
    find(Verdicts.method.weights, { epoch: 0n }),
  ])
  const allocation = treasury.allocation
  const genesis = ['contribution', 'sale', 'developers', 'supporters', 'community'] as const
  const made = genesis.reduce((sum, part) => sum + BigInt(allocation?.[part] || '0'), 0n)
  const now = BigInt(supply.amount?.amount ?? '0')
  return {
    height: status.syncInfo.latestBlockHeight, supply: now, burned: made > now ? made - now : 0n, left: BigInt(treasury.left || '0'),
    paid: treasury.paid, epochs: epochs.epochs.toReversed(), supernodes: supernodes.length, engines: engines.length,
    independence: (weights?.table?.rows ?? []).map((row) => ({ name: row.engine, operator: row.operator, value: row.independencePpm / 1e6, skill: row.skillPpm / 1e6 })),
  }
}
