/** What the pages of supernodes ask the chain. */
import { Status, type Liveness, type Pool, type Supernode } from '../chain/gen/virusmap/supernode/v1/base_pb'
import { Query as Staking } from '../chain/gen/virusmap/supernode/v1/query_pb'
import { Query as Verdicts } from '../chain/gen/virusmap/verdicts/v1/query_pb'
import { all } from '../chain/pages'
import { find, query } from '../chain/rpc'

export interface Standing {
  operator: string
  supernode: Supernode
  pool?: Pool
  liveness?: Liveness
  engines: number
  /** Rank among the seats of the epoch; undefined for one without a seat. */
  rank?: number
  benched: boolean
  stake: bigint
}

export interface Election {
  epoch: bigint
  minBond: bigint
  maxActive: number
  unbondingSeconds: bigint
  redelegationSeconds: bigint
  minDelegation: bigint
  standings: Standing[]
}

/** Everybody who is registered, the seated first by rank, then by falling stake. */
export async function election(): Promise<Election> {
  const [params, epoch, supernodes, engines] = await Promise.all([
    query(Staking.method.params, {}),
    find(Staking.method.epoch, { number: 0n }),
    all((pagination) => query(Staking.method.supernodes, { pagination }), (answer) => answer.supernodes),
    all((pagination) => query(Verdicts.method.engines, { pagination }), (answer) => answer.engines),
  ])
  const ranks = new Map(epoch?.seats.map((seat) => [seat.operator, seat.rank]))
  const benched = new Set(epoch?.benched)
  const standings = await Promise.all(supernodes.map(async (supernode): Promise<Standing> => {
    const operator = supernode.operator
    const [pool, liveness] = await Promise.all([
      find(Staking.method.pool, { operator }), find(Staking.method.liveness, { operator }),
    ])
    return {
      operator, supernode, pool: pool?.pool, liveness: liveness?.liveness,
      engines: engines.filter((engine) => engine.operator === operator).length,
      rank: ranks.get(operator), benched: benched.has(operator),
      stake: BigInt(supernode.selfBond || '0') + BigInt(pool?.pool?.delegated || '0'),
    }
  }))
  const p = params.params!
  return {
    epoch: epoch?.epoch?.number ?? 0n, minBond: BigInt(p.minSelfBond?.amount ?? '0'), maxActive: p.maxActive,
    unbondingSeconds: p.unbondingSeconds, redelegationSeconds: p.redelegationSeconds, minDelegation: p.minDelegation,
    standings: standings.sort(byStanding),
  }
}

function byStanding(a: Standing, b: Standing): number {
  const rank = (s: Standing) => s.rank ?? Number.MAX_SAFE_INTEGER
  return rank(a) - rank(b) || (a.stake < b.stake ? 1 : a.stake > b.stake ? -1 : 0)
}

/** How a registration stands, for its badge. */
export function stateOf(s: Standing): 'active' | 'standby' | 'jailed' | 'retired' {
  if (s.supernode.status === Status.JAILED || s.benched) return 'jailed'
  if (s.supernode.status === Status.RETIRED) return 'retired'
  return s.rank === undefined ? 'standby' : 'active'
}

/** What an account has delegated, and what is on its way out. */
export async function positionsOf(delegator: string) {
  const [positions, unbondings] = await Promise.all([
    all((pagination) => query(Staking.method.delegations, { delegator, pagination }), (answer) => answer.positions),
    all((pagination) => query(Staking.method.unbondings, { delegator, pagination }), (answer) => answer.unbondings),
  ])
  return { positions, unbondings }
}

/** The duties of a liveness ring, oldest first: true was performed. */
export function duties(liveness: Liveness, window: number): boolean[] {
  const size = Math.min(window, liveness.missed.length * 8)
  const seen = Math.min(liveness.observed, size)
  return Array.from({ length: seen }, (_, i) => {
    const bit = (liveness.next - seen + i + size) % size
    return ((liveness.missed[bit >> 3]! >> (bit & 7)) & 1) === 0
  })
}
