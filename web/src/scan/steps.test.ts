import { expect, test } from 'vitest'
import { stepsOf, subjectOf } from './steps'
import type { Analysis } from './watch'

function analysis(status: string, submission: string, virusmap: Record<string, unknown> = {}): Analysis {
  return {
    data: { type: 'analysis', id: 'x', attributes: { status, virusmap: { chain_id: 'c', ...virusmap } } },
    meta: { file_info: { sha256: 'ab' }, virusmap: { submission } },
  } as unknown as Analysis
}

const states = (a: Analysis) => stepsOf(a).map((step) => step.state)

test.each([
  ['queued', 'queued', {}, ['done', 'now', 'open', 'open', 'open']],
  ['queued', 'on-chain', {}, ['done', 'done', 'now', 'open', 'open']],
  ['in-progress', 'on-chain', { round: 7, round_status: 'commit' }, ['done', 'done', 'now', 'open', 'open']],
  ['in-progress', 'on-chain', { round: 7, round_status: 'reveal' }, ['done', 'done', 'done', 'now', 'open']],
  ['in-progress', 'on-chain', { round: 7, round_status: 'tally' }, ['done', 'done', 'done', 'done', 'now']],
  ['completed', 'on-chain', { round: 7, round_status: 'final' }, ['done', 'done', 'done', 'done', 'done']],
  ['queued', 'refused', {}, ['done', 'failed', 'open', 'open', 'open']],
] as const)('%s, %s, %o', (status, submission, virusmap, want) => {
  expect(states(analysis(status, submission, virusmap))).toEqual(want)
})

test('seats of the round are counted, be they numbers or strings', () => {
  const reveal = stepsOf(analysis('in-progress', 'on-chain', { round: '7', round_status: 'reveal', seats: '5', attestations: 3 }))[3]
  expect(reveal).toMatchObject({ round: 7, count: { have: 3, want: 5 } })
})

test('the subject leads to its report', () => {
  const a = analysis('queued', 'queued')
  expect(subjectOf(a, 'public')?.href).toBe('/file/ab')
  expect(subjectOf(a, 'private')?.href).toBe('/file/ab?lane=private')
  a.meta = { url_info: { id: 'cd', url: 'https://example.com/' } }
  expect(subjectOf(a, 'public')).toEqual({ id: 'https://example.com/', label: 'URL', href: '/url/cd' })
  a.meta = {}
  expect(subjectOf(a, 'public')).toBeNull()
})
