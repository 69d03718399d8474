import { expect, test } from 'vitest'
import { MsgPostBountySchema } from '../chain/gen/virusmap/bounty/v1/tx_pb'
import { MsgOrderSamplesSchema } from '../chain/gen/virusmap/market/v1/tx_pb'
import { MsgDelegateSchema } from '../chain/gen/virusmap/supernode/v1/tx_pb'
import { msg } from '../chain/registry'
import { rows, title } from './summary'

test('amounts are shown as people know them', () => {
  const message = msg(MsgDelegateSchema, { delegator: 'vmt1a', operator: 'vmt1b', amount: { denom: 'uvmt', amount: '18446744073709551615' } })
  expect(title(message)).toBe('Delegate')
  expect(rows(message)).toEqual([
    { name: 'delegator', value: 'vmt1a' }, { name: 'operator', value: 'vmt1b' }, { name: 'amount', value: '18,446,744,073,709.551615 VMT' },
  ])
})

test('other coins keep their denomination, enums have names, long text ends', () => {
  const shown = rows(msg(MsgPostBountySchema, { funder: 'a', kind: 4, target: 'x'.repeat(1000), amount: { denom: 'ibc/1', amount: '5' } }))
  expect(shown.find((r) => r.name === 'kind')?.value).toBe('BOUNTY_KIND_YARA')
  expect(shown.find((r) => r.name === 'amount')?.value).toBe('5 ibc/1')
  expect(shown.find((r) => r.name === 'target')?.value.length).toBe(201)
})

test('long bytes and many items are cut', () => {
  const items = Array.from({ length: 100 }, () => ({ sha256: new Uint8Array(32), oneTimeKey: new Uint8Array(1216) }))
  const shown = rows(msg(MsgOrderSamplesSchema, { buyer: 'a', items }))
  expect(shown).toHaveLength(61)
  expect(shown[2]).toEqual({ name: 'items 1 · one time key', value: `${'00'.repeat(16)}… (1216 bytes)` })
})
