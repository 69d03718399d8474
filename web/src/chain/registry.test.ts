import { fromBinary, toBinary, type Message } from '@bufbuild/protobuf'
import { fromBase64, toBase64 } from '@cosmjs/encoding'
import { describe, expect, test } from 'vitest'
import { canonicalJson, complete, fromAmino, toAmino } from './amino'
import { aminoName, messages, ownMessages, typeUrl } from './messages'
import { msg, registry } from './registry'
import { MsgDelegateSchema } from './gen/virusmap/supernode/v1/tx_pb'
import bounty from './testdata/bounty.json'
import market from './testdata/market.json'
import samples from './testdata/samples.json'
import supernode from './testdata/supernode.json'
import verdicts from './testdata/verdicts.json'

interface Vector { name: string; type_url: string; proto: string; amino: string }

const vectors: Record<string, Vector[]> = { bounty, market, samples, supernode, verdicts }
const modules = Object.keys(vectors)
const read = (module: string) => vectors[module]!

describe.each(modules)('messages of x/%s', (module) => {
  test.each(read(module).map((v) => [v.name, v] as const))('%s', (_, vector) => {
    const schema = messages.find((s) => typeUrl(s) === vector.type_url)!
    const message = fromBinary(schema, fromBase64(vector.proto))
    const amino = toAmino(schema, message)
    expect(canonicalJson(amino)).toBe(vector.amino)
    expect(toBase64(toBinary(schema, message))).toBe(vector.proto)
    expect(toBase64(toBinary(schema, complete(schema, fromAmino(schema, amino.value))))).toBe(vector.proto)
    expect(toBase64(registry.encode({ typeUrl: vector.type_url, value: message }))).toBe(vector.proto)
    expect(toBinary(schema, registry.decode({ typeUrl: vector.type_url, value: fromBase64(vector.proto) }) as Message)).toEqual(fromBase64(vector.proto))
  })
})

test('every message of the project has a vector and a short amino name of its own', () => {
  const covered = new Set(modules.flatMap(read).map((v) => v.type_url))
  for (const schema of ownMessages) {
    expect(covered).toContain(typeUrl(schema))
    expect(aminoName(schema)!.length).toBeLessThanOrEqual(39)
  }
  expect(new Set(messages.map(aminoName)).size).toBe(messages.length)
})

test('a message gets the submessages that the node always writes', () => {
  const made = msg(MsgDelegateSchema, { delegator: 'a', operator: 'b' })
  expect(toAmino(made.schema, made.value).value).toEqual({ delegator: 'a', operator: 'b', amount: { amount: '0' } })
})

test('fields that a message does not have are refused', () => {
  expect(() => fromAmino(MsgDelegateSchema, { delegator: 'a', memo: 'b' })).toThrow('no field memo')
})
