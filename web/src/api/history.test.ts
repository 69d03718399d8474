import { afterEach, expect, test, vi } from 'vitest'
import { history, rounds } from './history'

afterEach(() => vi.unstubAllGlobals())

test('a row of the node is a resource whose id is the round, one of the chain is bare', () => {
  const stats = { malicious: 8 }
  const rows = [
    { type: 'round', id: '9', attributes: { date: 1700000009, kind: 'retrospective', stage: 1, outcome: 'malicious', stats, virusmap: { round: 9 } } },
    { round: '7', date: '1700000007', outcome: 'clean', stage: 0 },
    { round: 8 },
    { round: 8 },
    { round: 'none' },
  ]
  expect(rounds({ data: rows })).toEqual([
    { round: 7, date: 1700000007, outcome: 'clean', stage: 0 },
    { round: 8 },
    { round: 9, date: 1700000009, outcome: 'malicious', stage: 1, stats },
  ])
  expect(rounds({ data: 'nonsense' })).toEqual([])
})

test('the node is asked page by page', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    const at = path.includes('cursor') ? 1 : 2
    return Response.json({ data: [{ type: 'round', id: String(at), attributes: { stage: at - 1 } }], meta: at === 2 ? { cursor: '2' } : {} })
  })
  expect((await history('files', 'ab')).map((past) => [past.round, past.stage])).toEqual([[1, 0], [2, 1]])
  expect(asked).toEqual(['/ui/files/ab/history?limit=40', '/ui/files/ab/history?limit=40&cursor=2'])
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
    '/ui/files/ab/history?limit=40',
    '/virusmap/node/v1/reports/ab/history',
    '/virusmap/node/v1/reports/ab/history?page_token=a%20b',
  ])
})
