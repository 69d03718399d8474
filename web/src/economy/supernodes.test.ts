import { expect, test } from 'vitest'
import { create } from '@bufbuild/protobuf'
import { LivenessSchema, Status, SupernodeSchema } from '../chain/gen/virusmap/supernode/v1/base_pb'
import { duties, stateOf, type Standing } from './supernodes'

const liveness = (missed: number[], next: number, observed: number) =>
  create(LivenessSchema, { missed: new Uint8Array(missed), next, observed })

test('a ring that is not full is read from its begin', () => {
  expect(duties(liveness([0b00000010, 0], 3, 3), 16)).toEqual([true, false, true])
})

test('a full ring begins with its oldest duty', () => {
  const found = duties(liveness([0b00000001, 0b00000001], 9, 9), 9)
  expect(found).toHaveLength(9)
  expect(found[0]).toBe(false) // next is at the end, so bit 0 is the oldest
  expect(found[8]).toBe(false)
  expect(duties(liveness([0b00000001, 0b00000001], 1, 9), 9).map(Number).join('')).toBe('111111100')
})

test('no duty was observed', () => expect(duties(liveness([], 0, 0), 16)).toEqual([]))

test('how a registration stands', () => {
  const standing = (status: Status, rank?: number, benched = false): Standing =>
    ({ operator: 'a', supernode: create(SupernodeSchema, { status }), engines: 0, rank, benched, stake: 0n })
  expect(stateOf(standing(Status.CANDIDATE, 0))).toBe('active')
  expect(stateOf(standing(Status.CANDIDATE))).toBe('standby')
  expect(stateOf(standing(Status.CANDIDATE, 0, true))).toBe('jailed')
  expect(stateOf(standing(Status.JAILED))).toBe('jailed')
  expect(stateOf(standing(Status.RETIRED))).toBe('retired')
})
