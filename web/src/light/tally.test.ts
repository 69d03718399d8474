import { create } from '@bufbuild/protobuf'
import { expect, it } from 'vitest'
import {
  RoundRulesSchema,
  WeightTableSchema,
  VerdictVectorSchema,
  type Category,
} from '../chain/gen/virusmap/verdicts/v1/base_pb'
import { tally, weigher } from './tally'
import { encodings } from './testing/encodings'

it.each(encodings.tallies.map((recorded, i) => [i, recorded] as const))(
  'tally %d comes out as on the chain',
  (_, { rules, expected, cast, outcome }) => {
    const [quorumPpm, maliciousPpm, suspiciousPpm] = rules
    const verdicts = cast.map(([category, weight]) => ({
      operator: '',
      vector: create(VerdictVectorSchema),
      category: category as Category,
      confidence: 3,
      label: '',
      weight: BigInt(weight),
    }))
    expect(
      tally(create(RoundRulesSchema, { quorumPpm, maliciousPpm, suspiciousPpm }), BigInt(expected), verdicts),
    ).toBe(outcome)
  },
)

it('weighs newcomers, and all alike without a table', () => {
  const table = create(WeightTableSchema, { newcomerWeight: 5n, rows: [{ operator: 'a', engine: 'x', weight: 7n }] })
  expect([weigher(table)('a', 'x'), weigher(table)('a', 'y'), weigher(undefined)('a', 'x')]).toEqual([
    7n,
    5n,
    1_000_000n,
  ])
})
