import { expect, test } from 'vitest'
import { looksLikeAddress } from './address'

// The address of cosmos-sdk's documentation, https://docs.cosmos.network.
const address = 'cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh'

test('an address of the chain is taken', () => {
  expect(looksLikeAddress(address, 'cosmos')).toBe(true)
  expect(looksLikeAddress(address.toUpperCase(), 'cosmos')).toBe(true)
})

test.each([
  '',
  'cosmos1',
  address.slice(0, -1),
  address.replace('fl48', 'fl49'),
  address.replace('cosmos', 'osmo'),
  address.replace('c', 'C'),
  `${address} `,
])('%j is refused', (text) => {
  expect(looksLikeAddress(text, 'cosmos')).toBe(false)
})
