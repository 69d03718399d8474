import { expect, test } from 'vitest'
import { recognise } from './recognise'

const sha256 = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f'

test.each([
  [sha256, 'hash', sha256],
  [` ${sha256.toUpperCase()}\n`, 'hash', sha256],
  ['44d88612fea8a8f36de82e1278abb02f', 'hash', '44d88612fea8a8f36de82e1278abb02f'],
  ['3395856ce81f2b7382dee72602f798b642f14140', 'hash', '3395856ce81f2b7382dee72602f798b642f14140'],
  [sha256.slice(1), 'text', sha256.slice(1)],
  ['https://example.com/a?b=c#d', 'url', 'https://example.com/a?b=c#d'],
  ['HTTP://EXAMPLE.com', 'url', 'HTTP://EXAMPLE.com'],
  ['hxxps://evil[.]example[.]com/x', 'url', 'https://evil.example.com/x'],
  ['hxxp[://]evil[.]example', 'url', 'http://evil.example'],
  ['example.com/login', 'url', 'http://example.com/login'],
  ['192.0.2.1:8080/x', 'url', 'http://192.0.2.1:8080/x'],
  ['http://', 'text', 'http://'],
  ['javascript:alert(1)', 'text', 'javascript:alert(1)'],
  ['http://exa mple.com', 'text', 'http://exa mple.com'],
  ['Example.COM', 'domain', 'example.com'],
  ['sub.example.co.uk.', 'domain', 'sub.example.co.uk'],
  ['evil(.)example', 'domain', 'evil.example'],
  ['xn--e1afmkfd.xn--p1ai', 'domain', 'xn--e1afmkfd.xn--p1ai'],
  ['例子.测试', 'domain', '例子.测试'],
  ['-example.com', 'text', '-example.com'],
  ['192.0.2.1', 'ip', '192.0.2.1'],
  ['192[.]0[.]2[.]1', 'ip', '192.0.2.1'],
  ['192.0.2.256', 'text', '192.0.2.256'],
  ['2001:DB8::1', 'ip', '2001:db8::1'],
  ['[2001:db8::1]', 'ip', '2001:db8::1'],
  ['2001:db8:::1', 'text', '2001:db8:::1'],
  ['Win.Test.EICAR_HDB-1', 'text', 'Win.Test.EICAR_HDB-1'],
  ['type:peexe size:90kb+', 'text', 'type:peexe size:90kb+'],
  ['', 'text', ''],
])('%j is a %s', (text, kind, value) => {
  expect(recognise(text)).toMatchObject({ kind, value })
})

test('paths lead to the page of the thing', () => {
  expect(recognise(sha256).path).toBe(`/file/${sha256}`)
  expect(recognise('2001:db8::1').path).toBe('/ip/2001%3Adb8%3A%3A1')
  expect(recognise('https://example.com/?a=b&c').path).toBe('/search?q=https%3A%2F%2Fexample.com%2F%3Fa%3Db%26c')
})
