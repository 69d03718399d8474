import { expect, test } from 'vitest'
import { BountyKind } from '../chain/gen/virusmap/bounty/v1/base_pb'
import { isAddress } from './addresses'
import { targetProblem } from './bounties'

test.each([
  [BountyKind.SAMPLE, 'a'.repeat(64), true], [BountyKind.SAMPLE, 'A'.repeat(64), false], [BountyKind.SAMPLE, 'a'.repeat(40), false],
  [BountyKind.HASH, 'a'.repeat(32), true], [BountyKind.HASH, 'a'.repeat(40), true], [BountyKind.HASH, 'a'.repeat(41), false],
  [BountyKind.FAMILY, 'wanna_cry.2', true], [BountyKind.FAMILY, 'a', false], [BountyKind.FAMILY, 'Emotet', false],
  [BountyKind.YARA, 'rule a { condition: true }', true], [BountyKind.YARA, '', false], [BountyKind.YARA, 'é'.repeat(2049), false],
])('a target of kind %d: %s', (kind, target, good) => expect(targetProblem(kind, target) === undefined).toBe(good))

test('an address has a prefix, a length and a checksum', () => {
  const address = 'vmt1r5v5srda7xfth3hn2s26txvrcrntldju9c0f64'
  expect(isAddress(address)).toBe(true)
  expect(isAddress(address, 'cosmos')).toBe(false)
  for (const bad of ['', 'vmt1', address.replace('r5', '5r'), address + 'a', address.toUpperCase() + 'x', 'x'.repeat(1000)]) {
    expect(isAddress(bad)).toBe(false)
  }
})
