import { expect, test } from 'vitest'
import { formOf, readable, rowsOf } from './attributes'

test('rows come in reading order, without what stands elsewhere or says nothing', () => {
  const rows = rowsOf({ zeta: 1, sha256: 'a', names: [], alpha: false, md5: 'b', virusmap: {}, last_analysis_stats: {}, note: '' })
  expect(rows.map(([name]) => name)).toEqual(['md5', 'sha256', 'alpha', 'zeta'])
})

test.each([
  ['first_submission_date', 1700000000, 'date'],
  ['first_submission_date', 0, 'plain'],
  ['size', '123', 'size'],
  ['sha1', 'ab', 'hash'],
  ['timestamp', 1700000000, 'date'],
  ['names', ['a', 'b'], 'list'],
  ['pe_info', { sections: [] }, 'tree'],
  ['sections', [{ name: '.text' }], 'tree'],
  ['update', '2026', 'plain'],
] as const)('%s is shown as it is meant', (name, value, want) => {
  expect(formOf(name, value)).toBe(want)
})

test('a name is made readable', () => {
  expect(readable('last_dns_records')).toBe('Last dns records')
})
