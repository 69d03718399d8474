import { expect, test } from 'vitest'
import type { Info } from '../api/node'
import { chainInfo } from './chaininfo'
import { RejectedError, translated } from './errors'

test('Keplr is told the chain as the registry has it', () => {
  const info = { chain_id: 'virusmap-7', bech32_prefix: 'vmt', denom: 'uvmt', display_denom: 'VMT', decimals: 6, gas_price: '0.025uvmt' } as Info
  const made = chainInfo(info, 'https://node.example')
  expect(made.rpc).toBe('https://node.example/chain/rpc')
  expect(made.rest).toBe('https://node.example/chain/rest')
  expect(made.bip44.coinType).toBe(118)
  expect(made.bech32Config?.bech32PrefixValAddr).toBe('vmtvaloper')
  expect(made.feeCurrencies[0]).toEqual({
    coinDenom: 'VMT', coinMinimalDenom: 'uvmt', coinDecimals: 6, gasPriceStep: { low: 0.025, average: 0.03, high: 0.05 },
  })
  expect(made.stakeCurrency?.coinMinimalDenom).toBe('uvmt')
})

test('a refusal is no failure', () => {
  expect(translated(new Error('Request rejected'))).toBeInstanceOf(RejectedError)
  const other = new Error('There is no key store')
  expect(translated(other)).toBe(other)
})
