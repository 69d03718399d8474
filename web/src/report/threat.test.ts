import { expect, test } from 'vitest'
import type { Outcome, ReportAttributes, Stats } from '../api/types'
import { threatLabel } from './threat'

const named = (outcome?: Outcome, stats?: Stats): ReportAttributes => ({
  popular_threat_classification: { suggested_threat_label: 'trojan.emotet' },
  last_analysis_stats: stats,
  virusmap: { chain_id: 'virusmap-1', outcome },
})

test.each([
  ['malicious', 'trojan.emotet'],
  ['suspicious', 'trojan.emotet'],
  ['clean', ''],
  ['undetermined', ''],
  ['invalid', ''],
] as const)('an item that is %s has the label %j', (outcome, want) => {
  expect(threatLabel(named(outcome, { malicious: 1 }))).toBe(want)
})

test('without an outcome the engines decide, as for private files', () => {
  expect(threatLabel(named(undefined, { malicious: 1 }))).toBe('trojan.emotet')
  expect(threatLabel(named(undefined, { undetected: 3 }))).toBe('')
  expect(threatLabel({})).toBe('')
})
