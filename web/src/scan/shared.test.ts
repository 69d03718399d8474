import { expect, test } from 'vitest'
import { linkIn } from './shared'

test.each([
  ['https://example.com/a', 'https://example.com/a'],
  ['A title\nhttps://example.com/a?b=c rest', 'https://example.com/a?b=c'],
  ['  example.com ', 'example.com'],
  ['', ''],
])('%j', (text, want) => {
  expect(linkIn(text)).toBe(want)
})
