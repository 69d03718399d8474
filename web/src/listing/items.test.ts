import { expect, test } from 'vitest'
import { entryOf } from './items'

test.each([
  [{ type: 'file', id: 'ab', attributes: { meaningful_name: 'a.exe' } }, 'a.exe', '/file/ab'],
  [{ type: 'file', id: 'ab' }, 'ab', '/file/ab'],
  [{ type: 'url', id: 'cd', attributes: { url: 'http://x/' } }, 'http://x/', '/url/cd'],
  [{ type: 'domain', id: 'example.com' }, 'example.com', '/domain/example.com'],
  [{ type: 'ip_address', id: '2001:db8::1' }, '2001:db8::1', '/ip/2001%3Adb8%3A%3A1'],
  [{ type: 'collection', id: 'x/y', attributes: { name: 'A set' } }, 'A set', '/collection/x%2Fy'],
  [{ type: 'comment', id: 'f-ab12-9f', attributes: { text: 'hello' } }, 'hello', '/file/ab12#community'],
  [{ type: 'comment', id: 'd-my-host.example-9f', attributes: { text: 'x'.repeat(300) } }, 'x'.repeat(200) + '…', '/domain/my-host.example#community'],
  [{ type: 'comment', id: 'nonsense', attributes: { text: 'x' } }, 'x', null],
  [{ type: 'something', id: 'new' }, 'new', null],
  [{ type: 'file', id: 'ab', attributes: { meaningful_name: { evil: 1 } } }, 'ab', '/file/ab'],
])('%o', (resource, title, href) => {
  const entry = entryOf(resource)
  expect([entry.title, entry.href ?? null]).toEqual([title, href])
})
