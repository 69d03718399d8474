import { afterEach, describe, expect, it, vi } from 'vitest'
import { verifyReport, Unverifiable } from './index'
import { conversation, replay, serve, vectors } from './testing/replay'

const three = conversation('three honest servers')
const answerTo = (request: object): string =>
  JSON.stringify(vectors.honest.find((exchange) => exchange.request === JSON.stringify(request))!.answer).slice(1)
const commit = (height: string): string => answerTo({ method: 'commit', params: { height } })
const failed = (claims: { name: string; ok: boolean; detail: string }[]): string[] =>
  claims.filter(({ ok, detail }) => !ok && !detail.startsWith('not checked')).map(({ name }) => name)

const tooHigh =
  '"error":{"code":-32603,"message":"Internal error","data":"height 9 must be less than or equal to the current blockchain height 8"}}'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a witness that is behind', () => {
  /** The last server has block 9 only from the second time on that it is asked for its newest one. */
  const lagging = (catchesUp: boolean) => {
    let newest = 0
    return (answer: string, request: string, address: string): string => {
      if (address !== 'http://server-2' || !request.includes('"commit"')) return answer
      const id = /^.*?"id":\d+,/.exec(answer)![0]
      if (request.includes('{}')) return id + (catchesUp && ++newest > 1 ? commit('9') : commit('1'))
      return request.includes('"9"') ? id + tooHigh : answer
    }
  }

  it('gets the time to catch up', async () => {
    const { result } = await replay(three, lagging(true))
    expect(failed(result!.claims)).toEqual([])
  })

  it('is done without when it does not', async () => {
    const { result } = await replay(three, lagging(false))
    expect(failed(result!.claims)).toEqual([])
  })

  it('is not enough alone', async () => {
    const two = { ...three, config: { ...three.config, rpc: ['http://server-0', 'http://server-2'] } }
    const { result } = await replay(two, lagging(false))
    expect(failed(result!.claims)).toEqual(['header'])
    expect(result!.claims[0]!.detail).toContain('no witness shows the same header')
  })
})

describe('a report from the newest block', () => {
  const report = JSON.parse(JSON.stringify(vectors.report).replace('"height":7', '"height":8')) as unknown

  it('waits for the blocks that prove it', async () => {
    let asked = 0
    const growing = (answer: string, request: string): string =>
      request.includes('"status"') && ++asked < 5
        ? answer.replace('"latest_block_height":"10"', '"latest_block_height":"8"')
        : answer
    const { result } = await replay(conversation('one honest server'), growing, report)
    expect(failed(result!.claims)).toEqual([])
    expect(asked).toBeGreaterThan(4)
  })

  it('does not wait for ever', async () => {
    const standing = (answer: string): string =>
      answer.replace('"latest_block_height":"10"', '"latest_block_height":"8"')
    const { result } = await replay(conversation('one honest server'), standing, report)
    expect(failed(result!.claims)).toEqual(['header'])
    expect(result!.height).toBe(0)
  })
})

it('nothing follows from a trusted block that is yet to come', async () => {
  const alone = conversation('one honest server')
  alone.config.trust.height = 10
  const { result } = await replay(alone)
  expect(failed(result!.claims)).toEqual(['header'])
  expect(result!.claims[0]!.detail).toBe('block 11 is needed for what is to be proved, the chain is at 10')
})

describe('servers that never end', () => {
  const config = { ...three.config, rpc: ['http://server-0'] }

  it('are cut off when an answer grows and grows', async () => {
    let sent = 0
    vi.stubGlobal('fetch', () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull: (controller) => {
              sent += 1 << 20
              controller.enqueue(new Uint8Array(1 << 20).fill(0x20))
            },
          }),
        ),
      ),
    )
    await expect(verifyReport(config, vectors.report, () => undefined)).rejects.toThrow('more than 8388608 bytes')
    expect(sent).toBeLessThan(32 << 20)
  })

  it('are left when they send page after page of validators', async () => {
    const validator = /\{"address".*?"proposer_priority":"[^"]*"\}/.exec(
      answerTo({ method: 'validators', params: { height: '1', page: '1', per_page: '100' } }),
    )![0]
    let pages = 0
    const { result } = await replay({ ...three, config }, (answer, request) => {
      if (!request.includes('"validators"')) return answer
      pages++
      return `${/^.*?"id":\d+,/.exec(answer)![0]}"result":{"validators":[${validator}],"total":"1000000000"}}`
    })
    expect(failed(result!.claims)).toEqual(['header'])
    expect(pages).toBe(100)
  })
})

describe('a check that is given up', () => {
  it('does not begin', async () => {
    const reason = new Error('closed')
    await expect(verifyReport(three.config, vectors.report, () => undefined, AbortSignal.abort(reason))).rejects.toBe(
      reason,
    )
  })

  it('ends with the reason', async () => {
    const controller = new AbortController()
    const reason = new Error('closed')
    const seen: string[] = []
    serve(three)
    vi.useFakeTimers({ now: new Date(vectors.now), toFake: ['Date'] })
    const run = verifyReport(
      three.config,
      vectors.report,
      ({ name }) => {
        seen.push(name)
        if (name === 'fresh') controller.abort(reason)
      },
      controller.signal,
    )
    await expect(run).rejects.toBe(reason)
    expect(seen).toEqual(['header', 'fresh'])
  })
})

it('tells which servers do not answer', async () => {
  const { error } = await replay(conversation('dead servers'))
  expect(error).toBeInstanceOf(Unverifiable)
  expect((error as Error).message).toContain('http://server-1/: connection refused')
})
