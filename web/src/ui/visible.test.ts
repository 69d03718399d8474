import { expect, test } from 'vitest'
import { visible } from './visible'

test.each([
  ['report.pdf', 'report.pdf'],
  ['\u202egpj.exe', '‹U+202E›gpj.exe'],
  ['a\u2066b\u2069\u0000c', 'a‹U+2066›b‹U+2069›‹U+0000›c'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['<b>שלום</b> 😀 é', '<b>שלום</b> 😀 é'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown)
})
