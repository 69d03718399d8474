import { expect, test } from 'vitest'
import { feeFor, gasLimit, parseCoins, parseGasPrice, plainCoins, ppm } from './amounts'

test.each([
  ['1', 1_000_000n], ['0.000001', 1n], ['.5', 500_000n], ['1.', 1_000_000n], [' 1,234,567.5 ', 1_234_567_500_000n],
  ['18446744073709551615.999999', 18446744073709551615_999999n], ['9007199254740993', 9007199254740993_000000n],
])('%s is %d uvmt', (text, amount) => expect(parseCoins(text)).toBe(amount))

test.each(['', '.', '-1', '1e6', '1.0000001', '1,23', '12,3456', '0x10', '1 000', '１', '9'.repeat(31), 'NaN'])(
  '%s is no amount', (text) => expect(parseCoins(text)).toBeNull())

test.each([0n, 1n, 1_000_000n, 1_500_000n, 18446744073709551615_999999n])('%d is read as it is written', (amount) => {
  expect(parseCoins(plainCoins(amount))).toBe(amount)
})

test('fees are exact and rounded up', () => {
  const price = parseGasPrice('0.025uvmt')
  expect(price.denom).toBe('uvmt')
  expect(feeFor(200_000n, price)).toBe(5000n)
  expect(feeFor(200_001n, price)).toBe(5001n)
  expect(feeFor(18446744073709551615n, price)).toBe(461168601842738791n)
  expect(feeFor(7n, parseGasPrice('1uvmt'))).toBe(7n)
  for (const text of ['', 'uvmt', '0.025', '-1uvmt', '1.uvmt', '1e3 uvmt']) expect(() => parseGasPrice(text)).toThrow('gas price')
})

test('a gas limit is 1.4 times what was used', () => {
  expect(gasLimit(100_000n)).toBe(140_000n)
  expect(gasLimit(1n)).toBe(2n)
  expect(gasLimit(18446744073709551615n)).toBe(25825441703193372261n)
})

test('parts are exact', () => {
  expect(ppm(1n, 3n)).toBe(333_333)
  expect(ppm(1n, 0n)).toBe(0)
})
