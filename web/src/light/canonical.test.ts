import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { lightBlock, readValidator, type LightBlock } from './block'
import { headerHash, signBytes, validatorsHash } from './canonical'
import { JsonObject } from './json'
import { encodings } from './testing/encodings'
import { formatSpan, formatTime, parseTime, second, zeroTime } from './time'

const { block } = encodings

function read(change: (text: string) => string = (text) => text): LightBlock {
  const signedHeader = JSON.parse(change(JSON.stringify(block.signed_header))) as unknown
  const validators = block.validators.map((entry) => readValidator(new JsonObject('validator', entry)))
  return lightBlock('virusmap-test-1', new JsonObject('signed_header', signedHeader), validators)
}

describe('a block', () => {
  it('is hashed and signed as CometBFT does', () => {
    const { header, commit, validators } = read()
    expect(bytesToHex(headerHash(header))).toBe(block.header_hash)
    expect(bytesToHex(validatorsHash(validators))).toBe(block.validators_hash)
    expect([0, 3].map((i) => bytesToHex(signBytes('virusmap-test-1', commit, i)))).toEqual(block.sign_bytes)
    expect(commit.signatures.map(({ flag }) => flag)).toEqual(['commit', 'absent', 'nil', 'commit'])
  })

  it('has its validators in the order in which they sign', () => {
    const { validators } = read()
    const shuffled = [validators[2]!, validators[0]!, validators[3]!, validators[1]!]
    const signedHeader = new JsonObject('signed_header', block.signed_header)
    expect(lightBlock('virusmap-test-1', signedHeader, shuffled).validators).toEqual(validators)
  })

  it.each([
    ['another protocol', '"block":"11"', '"block":"12"', 'block protocol'],
    ['another chain', '"chain_id":"virusmap-test-1"', '"chain_id":"virusmap-test-2"', 'another chain'],
    ['height 0', '"height":"9"', '"height":"0"', 'height 0'],
    ['a height of 65 bits', '"height":"9"', '"height":"9223372036854775808"', 'not a 64-bit integer'],
    ['a changed field', '"app_hash":"1', '"app_hash":"2', 'header is block'],
    ['a short hash', /"data_hash":"../, '"data_hash":"', 'has 31 bytes'],
    ['no hex', '"app_hash":"1', '"app_hash":"x', 'app_hash'],
    ['no time', /"time":"[^"]*"/, '"time":"yesterday"', 'is not a time'],
    ['an unknown vote', '"block_id_flag":2', '"block_id_flag":4', 'unknown block_id_flag'],
    ['an absent validator that signs', '"block_id_flag":2', '"block_id_flag":1', 'absent validator'],
    ['no signatures', /"signatures":\[.*\]/, '"signatures":[]', 'no signatures'],
    ['a negative round', '"round":2', '"round":-2', 'round is -2'],
    ['a missing field', '"evidence_hash"', '"evidence"', 'evidence_hash" is missing'],
  ])('with %s is refused', (_, from, to, says) => {
    const change = (text: string): string => text.replace(from, to)
    expect(change(JSON.stringify(block.signed_header))).not.toBe(JSON.stringify(block.signed_header))
    expect(() => read(change)).toThrow(says)
  })

  it.each([
    ['another type of key', 'tendermint/PubKeyEd25519', 'tendermint/PubKeySecp256k1', 'type is not'],
    ['a negative power', '"voting_power":"10"', '"voting_power":"-1"', 'negative'],
    ['the address of another key', '"address":"2A', '"address":"2B', 'not that of the key'],
    ['a short key', /"value":"S\/5D/, '"value":"', 'bytes, want 32'],
  ])('with a validator with %s is refused', (_, from, to, says) => {
    const text = JSON.stringify(block.validators[0])
    expect(text.replace(from, to)).not.toBe(text)
    expect(() => readValidator(new JsonObject('validator', JSON.parse(text.replace(from, to))))).toThrow(says)
  })
})

describe('times', () => {
  it('have nanoseconds, also before 1970', () => {
    expect(parseTime('1970-01-01T00:00:01.5Z')).toBe(1_500_000_000n)
    expect(parseTime('0001-01-01T00:00:00Z')).toBe(zeroTime)
    expect(parseTime('1969-12-31T23:59:59.999999999Z')).toBe(-1n)
    expect(formatTime(-1n)).toBe('1969-12-31T23:59:59Z')
  })

  it.each(['', '2000-01-01', '2000-13-01T00:00:00Z', '2000-01-01T00:00:00+01:00', '2000-01-01T00:00:00.1234567890Z'])(
    '%s is none',
    (text) => {
      expect(() => parseTime(text)).toThrow('is not a time')
    },
  )

  it('spans are in words', () => {
    expect([300n, 59n, 3723n].map((seconds) => formatSpan(seconds * second))).toEqual(['5m0s', '59s', '1h2m3s'])
  })
})
