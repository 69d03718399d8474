import { describe, expect, it } from 'vitest'
import type { LightBlock } from './block'
import { checkCommit, follows, type Rules } from './commit'
import { Unverifiable } from './errors'
import { block, chainId, key } from './testing/blocks'
import { second } from './time'

const [a, b, c, d, e, f] = [key('a'), key('b'), key('c'), key('d'), key('e'), key('f')]
const rules: Rules = { chainId, trustingPeriod: 100n * second, now: 50n * second }
const trusted = block(1n, [a, b, c], [a, b, c])

describe('a block that is far from the trusted one', () => {
  it.each<[string, LightBlock, boolean]>([
    ['all validators', block(9n, [a, b, c], [a, b, c]), true],
    ['new validators beside two of three', block(9n, [a, b, d, e], [a, b, d, e]), true],
    ['one of three validators, which is a third', block(9n, [a, d, e, f], [a, d, e, f]), false],
    ['new validators alone', block(9n, [d, e, f], [d, e, f]), false],
    ['validators that voted for no block', block(9n, [a, b, c], [a]), false],
  ])('and signed by %s', (_, untrusted, expected) => {
    expect(follows(rules, trusted, untrusted)).toBe(expected)
  })

  it('is false when it is not signed by more than two thirds of its own validators', () => {
    // Two of the three trusted ones are more than a third, but just two thirds of all.
    expect(() => follows(rules, trusted, block(9n, [a, b, c], [a, b]))).toThrow('not signed by more than two thirds')
    expect(() => follows(rules, trusted, block(9n, [a, b, d, e, f], [a, b]))).toThrow(
      'not signed by more than two thirds',
    )
  })
})

describe('the block after the trusted one', () => {
  it('is of the validators that were named', () => {
    const naming = block(1n, [a, b, c], [a, b, c], { next: [d, e, f] })
    expect(follows(rules, naming, block(2n, [d, e, f], [d, e, f]))).toBe(true)
    expect(() => follows(rules, naming, block(2n, [a, b, c], [a, b, c]))).toThrow('not those that block 1 named next')
    expect(() => follows(rules, naming, block(2n, [d, e, f], [d, e]))).toThrow('not signed by more than two thirds')
  })
})

describe('a block is false', () => {
  const forged = (change: (forged: LightBlock) => void): LightBlock => {
    const whole = block(9n, [a, b, c], [a, b, c])
    change(whole)
    return whole
  }

  it.each<[string, LightBlock, string]>([
    ['when it is not later', block(1n, [a, b, c], [a, b, c]), 'not after block 1'],
    ['when its time is not later', block(9n, [a, b, c], [a, b, c], { time: second }), 'its time is not after'],
    ['when its time is to come', block(9n, [a, b, c], [a, b, c], { time: 53n * second }), 'in the future'],
    [
      'when somebody signs twice',
      forged(({ commit }) => (commit.signatures[1] = commit.signatures[0]!)),
      'signed twice',
    ],
    [
      'when a signature is of another vote',
      forged(({ commit }) => commit.signatures.reverse()),
      'is of another validator',
    ],
    [
      'when a signature is wrong',
      forged(({ commit }) => (commit.signatures[0]!.signature[7]! ^= 1)),
      'signature 0 is wrong',
    ],
    [
      'when a signature is cut',
      forged(({ commit }) => (commit.signatures[0]!.signature = new Uint8Array(63))),
      'signature 0 is wrong',
    ],
    ['when a vote is of another time', forged(({ commit }) => commit.signatures[0]!.time++), 'signature 0 is wrong'],
    ['when a vote is of another round', forged(({ commit }) => commit.round++), 'signature 0 is wrong'],
    ['when signatures are missing', forged(({ commit }) => commit.signatures.pop()), '2 signatures of 3 validators'],
  ])('%s', (_, untrusted, says) => {
    expect(() => follows(rules, trusted, untrusted)).toThrow(says)
  })

  it('when its own validators did not sign it', () => {
    expect(() => checkCommit(chainId, block(1n, [a, b, c], [a, b]))).toThrow('not signed by more than two thirds')
    expect(() =>
      checkCommit(
        chainId,
        forged(({ commit }) => commit.signatures.reverse()),
      ),
    ).toThrow('is of another validator')
    expect(() => checkCommit('virusmap-test-2', trusted)).toThrow('signature 0 is wrong')
  })

  it('to the second when its time is to come', () => {
    const within = block(9n, [a, b, c], [a, b, c], { time: 53n * second - 1n })
    expect(follows(rules, trusted, within)).toBe(true)
  })
})

it('power counts and not heads', () => {
  const [strong, weak, weaker] = [key('a', 5n), key('b', 1n), key('c', 1n)]
  expect(() => checkCommit(chainId, block(1n, [strong, weak, weaker], [strong]))).not.toThrow()
  expect(() => checkCommit(chainId, block(1n, [strong, weak, weaker], [weak, weaker]))).toThrow('two thirds')
})

it('trust ends with its period', () => {
  const late = { ...rules, now: trusted.header.time + rules.trustingPeriod }
  const untrusted = block(9n, [a, b, c], [a, b, c])
  expect(() => follows(late, trusted, untrusted)).toThrow(Unverifiable)
  expect(follows({ ...late, now: late.now - 1n }, trusted, untrusted)).toBe(true)
})
