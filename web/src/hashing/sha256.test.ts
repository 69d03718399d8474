import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashBlob, hashText } from './sha256'

const want = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')

test.each([0, 1, 63, 64, 4 << 20, (4 << 20) + 1, 9_000_001])('a file of %i bytes', async (size) => {
  const data = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0xff)
  expect(await hashBlob(new Blob([data]))).toBe(want(data))
})

test('progress rises to the end', async () => {
  const seen: number[] = []
  await hashBlob(new Blob([new Uint8Array(9 << 20)]), (part) => seen.push(part))
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBe(1)
  expect(seen.length).toBe(3)
})

test('text is hashed as UTF-8', () => {
  expect(hashText('病毒 ü')).toBe(want('病毒 ü'))
})
