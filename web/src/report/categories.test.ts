import { expect, test } from 'vitest'
import type { EngineResult } from '../api/types'
import { engineRows, ratio, signatureDate, toneOf } from './categories'

test('engines that gave no opinion do not count', () => {
  expect(ratio({ malicious: 2, suspicious: 1, harmless: 1, undetected: 4, failure: 9, timeout: 1, 'type-unsupported': 3 })).toEqual(
    { detections: 3, engines: 8 },
  )
  expect(ratio({})).toEqual({ detections: 0, engines: 0 })
})

test('the tone goes by the worst', () => {
  expect(toneOf({ malicious: 1, harmless: 50 })).toBe('danger')
  expect(toneOf({ suspicious: 1 })).toBe('warning')
  expect(toneOf({ undetected: 1 })).toBe('success')
  expect(toneOf({ failure: 3 })).toBe('neutral')
})

const results: Record<string, EngineResult> = {
  'clamav@one': { category: 'malicious', engine_name: 'clamav@one', result: 'Win.Test.EICAR_HDB-1', operator: 'vmt1aa' },
  'clamav@two': { category: 'undetected', engine_name: 'clamav@two', result: null, operator: 'vmt1bb' },
  yara: { category: 'malicious', engine_name: 'yara', result: 'eicar_rule', operator: 'vmt1cc' },
}

test.each([
  ['', '', ['clamav@one', 'clamav@two', 'yara']],
  ['EICAR', '', ['clamav@one', 'yara']],
  ['vmt1bb', '', ['clamav@two']],
  ['', 'malicious', ['clamav@one', 'yara']],
  ['clamav', 'malicious', ['clamav@one']],
  ['nothing', '', []],
] as const)('rows for %j and %j', (text, category, want) => {
  expect(engineRows(results, text, category).map((row) => row.key)).toEqual(want)
})

test('the name of an engine is told from that of its operator', () => {
  const by = (key: string, engine?: string, operator?: string) => {
    const [row] = engineRows({ [key]: { category: 'harmless', engine_name: key, result: null, engine, operator } })
    return [row?.name, row?.moniker]
  }
  expect(by('ClamAV@north @ home', 'ClamAV', 'vmt1aa')).toEqual(['ClamAV', 'north @ home'])
  expect(by('ClamAV@vmt1aa', 'ClamAV', 'vmt1aa')).toEqual(['ClamAV', ''])
  expect(by('ClamAV', 'ClamAV', 'vmt1aa')).toEqual(['ClamAV', ''])
  expect(by('ClamAV@north')).toEqual(['ClamAV@north', ''])
})

test('a date of signatures is written out', () => {
  expect(signatureDate('20260102')).toBe('2026-01-02')
  expect(signatureDate(undefined)).toBe('')
  expect(signatureDate('v7')).toBe('v7')
})
