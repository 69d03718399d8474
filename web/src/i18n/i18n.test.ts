import { expect, test } from 'vitest'
import { en } from './en'
import { bytes, coins, number } from './format'
import { fill, preferred } from './language.svelte'
import { zh } from './zh'

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

test('both languages have the same texts', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort())
})

test.each(Object.keys(en) as (keyof typeof en)[])('%s takes the same values in both languages', (key) => {
  expect(en[key].trim()).not.toBe('')
  expect(zh[key].trim()).not.toBe('')
  expect(names(zh[key])).toEqual(names(en[key]))
})

test('the chosen language is preferred to those of the browser', () => {
  expect(preferred('zh', ['en-GB'])).toBe('zh')
  expect(preferred(null, ['de-AT', 'zh-Hant-TW', 'en'])).toBe('zh')
  expect(preferred('xx', ['de'])).toBe('en')
})

test('a text is filled with values', () => {
  expect(fill('{a} of {b}, {c}', { a: 1, b: 'two' })).toBe('1 of two, {c}')
})

test('numbers of the API stay exact', () => {
  expect(number('9007199254740993')).toBe('9,007,199,254,740,993')
  expect(coins('18446744073709551615')).toBe('18,446,744,073,709.551615')
  expect(coins(1_500_000)).toBe('1.5')
  expect(coins('-5')).toBe('-0.000005')
  expect(bytes(0)).toBe('0 B')
  expect(bytes('1536')).toBe('1.5 KiB')
  expect(bytes(650 << 20)).toBe('650 MiB')
})
