import { describe, expect, it, vi } from 'vitest'
import { Unverifiable } from './index'
import { conversation, replay, vectors, type Tamper } from './testing/replay'

vi.setConfig({ testTimeout: 60_000 }) // hundreds of checks each, on whatever machine

const honest = conversation('one honest server')
const details = new Map(honest.claims!.map(({ name, detail }) => [name, detail!]))
const requests = vectors.honest.map(({ request }) => request)

/** What came of a lie: only true claims, or a clean refusal. */
async function survive(tamper: Tamper): Promise<void> {
  const { result, error, claims } = await replay(honest, tamper)
  if (error) expect(error).toBeInstanceOf(Unverifiable)
  for (const claim of claims.filter(({ ok }) => ok)) expect(claim.detail).toBe(details.get(claim.name))
  if (result?.ok) expect(claims.map(({ name }) => name)).toEqual([...details.keys()])
}

/** Mulberry32: the same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

describe.each(requests)('answers to %s', (wanted) => {
  it('may have any byte changed', async () => {
    const random = randomNumbers(requests.indexOf(wanted))
    for (let run = 0; run < 25; run++) {
      const [place, character] = [random(2 ** 31), String.fromCharCode(32 + random(95))]
      await survive((answer, request) => {
        if (request !== wanted) return answer
        const at = place % answer.length
        return answer.slice(0, at) + character + answer.slice(at + 1)
      })
    }
  })

  it.each([
    ['nothing', () => ''],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['a page', () => '<!doctype html><title>502</title>'],
    ['half of it', (answer: string) => answer.slice(0, answer.length / 2)],
    ['no result', (answer: string) => answer.replace('"result"', '"rezult"')],
    ['an empty result', (answer: string) => answer.replace(/"result":.*$/, '"result":{}}')],
    ['an answer to something else', (answer: string) => answer.replace(/"id":\d+/, '"id":4711')],
    ['other types', (answer: string) => answer.replace(/:"\d+"/g, ':[7]').replace(/:"[^"]*=="/g, ':7')],
    [
      'deep lists',
      (answer: string) => answer.replace(/"result":.*$/, `"result":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
    ],
    [
      'deep groups',
      (answer: string) =>
        answer.replace(/"(value|data)":"[^"]*"/g, `"$1":"${Buffer.alloc(30_000, 0x7b).toString('base64')}"`),
    ],
    ['large numbers', (answer: string) => answer.replace(/:"\d+"/g, ':"9223372036854775807"')],
  ])('may be %s', async (_, change) => {
    await survive((answer, request) => (request === wanted ? change(answer) : answer))
  })
})

it('the answers of each request may be those of another', async () => {
  const recorded = new Map(vectors.honest.map(({ request, answer }) => [request, JSON.stringify(answer).slice(1)]))
  for (const wanted of requests) {
    for (const other of requests.filter((request) => request !== wanted)) {
      await survive((answer, request) =>
        request === wanted ? answer.replace(/"result".*$/, recorded.get(other)!) : answer,
      )
    }
  }
})
