import { expect, test } from 'vitest'
import { parseTrust, type TrustForm } from './trust'

const form: TrustForm = {
  rpc: 'https://one.example/chain/rpc\nhttp://127.0.0.1:26657',
  chainId: 'virusmap-1',
  height: '42',
  hash: 'AB'.repeat(32),
  periodSeconds: '604800',
}

test('a whole form', () => {
  expect(parseTrust(form)).toEqual({
    rpc: ['https://one.example/chain/rpc', 'http://127.0.0.1:26657'],
    chainId: 'virusmap-1',
    trust: { height: 42, hash: 'AB'.repeat(32), periodSeconds: 604800 },
  })
})

test.each([
  [{ rpc: '' }, /server/i],
  [{ rpc: 'javascript:alert(1)' }, /server/i],
  [{ rpc: 'https://a.example '.repeat(11) }, /server/i],
  [{ chainId: ' ' }, /chain/i],
  [{ height: '0' }, /height/i],
  [{ height: '1e3' }, /height/i],
  [{ hash: 'ab' }, /hash/i],
  [{ periodSeconds: '-1' }, /period/i],
])('%o is refused by name', (change, want) => {
  expect(() => parseTrust({ ...form, ...change })).toThrow(want)
})
