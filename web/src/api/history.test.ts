import { afterEach, expect, test, vi } from 'vitest'
import { history, rounds } from './history'

afterEach(() => vi.unstubAllGlobals())

test('rows are resources or bare, their numbers numbers or strings', () => {
  const rows = [
    { type: 'round', id: '9', attributes: { round: '9', date: '1700000009', outcome: 'malicious' } },
    { round: 7, date: 1700000007, outcome: 'clean', stage: 0 },
    { round: 8 },
  ]
  expect(rounds({ data: rows })).toEqual([
    { round: 7, date: 1700000007, outcome: 'clean', stage: 0 },
    { round: 8, date: undefined },
    { round: 9, date: 1700000009, outcome: 'malicious' },
  ])
  expect(rounds({ data: 'nonsense' })).toEqual([])
})

test('a node without an index is asked for what the chain knows, page by page', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    if (path.startsWith('/ui/')) return new Response('{"error":{"code":"NotFoundError","message":"none"}}', { status: 404 })
    return path.includes('page_token')
      ? Response.json({ entries: [{ round: '12', outcome: 'malicious' }], next_page_token: '' })
      : Response.json({ entries: [{ round: '3', outcome: 'clean' }], next_page_token: 'a b' })
  })
  expect((await history('files', 'ab')).map((past) => [past.round, past.outcome])).toEqual([
    [3, 'clean'],
    [12, 'malicious'],
  ])
  expect(asked).toEqual([
    '/ui/files/ab/history',
    '/virusmap/node/v1/reports/ab/history',
    '/virusmap/node/v1/reports/ab/history?page_token=a%20b',
  ])
})
