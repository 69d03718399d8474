import { fromHex, toHex } from '@cosmjs/encoding'
import { BountyKind, type Bounty } from '../chain/gen/virusmap/bounty/v1/base_pb'
import { Query } from '../chain/gen/virusmap/bounty/v1/query_pb'
import { all } from '../chain/pages'
import { query } from '../chain/rpc'

export const kinds = [BountyKind.SAMPLE, BountyKind.HASH, BountyKind.FAMILY, BountyKind.YARA] as const
export type Kind = (typeof kinds)[number]

const names = { 1: 'sample', 2: 'hash', 3: 'family', 4: 'yara' } as const
export const kindName = (kind: BountyKind): 'sample' | 'hash' | 'family' | 'yara' => names[(kind || 1) as Kind]

export const bounties = (kind = BountyKind.UNSPECIFIED): Promise<Bounty[]> =>
  all((pagination) => query(Query.method.bounties, { kind, pagination }), (answer) => answer.bounties)

export const idOf = (bounty: Bounty): string => toHex(bounty.id)
export const idBytes = (hex: string): Uint8Array => fromHex(hex)

const maxRuleBytes = 4096

/** What is wrong with a target, as the chain would find: a key of a text; undefined for a good one. */
export function targetProblem(kind: BountyKind, target: string): 'bounty.target.sha256' | 'bounty.target.hash' | 'bounty.target.family' | 'bounty.target.rule' | undefined {
  switch (kind) {
    case BountyKind.SAMPLE:
      return /^[0-9a-f]{64}$/.test(target) ? undefined : 'bounty.target.sha256'
    case BountyKind.HASH:
      return /^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/.test(target) ? undefined : 'bounty.target.hash'
    case BountyKind.FAMILY:
      return /^[a-z0-9._-]{2,64}$/.test(target) ? undefined : 'bounty.target.family'
    default:
      return target && new TextEncoder().encode(target).length <= maxRuleBytes ? undefined : 'bounty.target.rule'
  }
}
