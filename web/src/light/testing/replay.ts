/** Repeats the conversations that the Go light client had, from ../testdata. */
import { vi } from 'vitest'
import { verifyReport, type Claim, type Config, type Result } from '../index'
import recorded from '../testdata/conversations.json?raw'

export interface Conversation {
  name: string
  config: Config
  report: unknown
  servers: Record<string, { same: number[]; answers: Record<string, object> }>
  claims?: { name: string; ok: boolean; detail?: string }[]
  error?: string
}

export const vectors = JSON.parse(recorded) as {
  now: string
  report: unknown
  honest: { request: string; answer: object }[]
  conversations: Conversation[]
}

export function conversation(name: string): Conversation {
  const found = vectors.conversations.find((c) => c.name === name)
  if (!found) throw new Error(`no conversation ${name}`)
  return structuredClone(found)
}

/** May change the text of an answer on its way. */
export type Tamper = (answer: string, request: string, address: string) => string

/** Requests that no recorded answer was for. */
export const unexpected: string[] = []

/** Makes fetch answer as the servers of a conversation did. */
export function serve({ servers }: Conversation, tamper: Tamper = (answer) => answer): void {
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    const { origin } = new URL(address)
    const server = servers[origin]
    if (!server) return Promise.reject(new TypeError('connection refused'))
    const { id, method, params } = JSON.parse(init.body as string) as {
      id: number
      method: string
      params: Record<string, unknown>
    }
    const request = JSON.stringify({
      method,
      params: Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))),
    })
    const answer =
      server.answers[request] ?? server.same.map((i) => vectors.honest[i]!).find((e) => e.request === request)?.answer
    if (!answer) unexpected.push(`${origin} ${request}`)
    const text = JSON.stringify({
      jsonrpc: '2.0',
      id,
      ...(answer ?? { error: { code: -32603, message: 'not recorded' } }),
    })
    return Promise.resolve(new Response(tamper(text, request, origin)))
  })
}

/** Runs a conversation to its end, whatever it waits for. The clock is that of the recording. */
export async function replay(
  conversation: Conversation,
  tamper?: Tamper,
  report = conversation.report ?? vectors.report,
): Promise<{ result?: Result; error?: unknown; claims: Claim[] }> {
  unexpected.length = 0
  serve(conversation, tamper)
  vi.useFakeTimers({ now: new Date(vectors.now), toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  const claims: Claim[] = []
  let done = false
  const run = verifyReport(conversation.config, report, (claim) => claims.push(claim))
    .then(
      (result) => ({ result, claims }),
      (error: unknown) => ({ error, claims }),
    )
    .finally(() => (done = true))
  try {
    while (!done) {
      await new Promise(setImmediate)
      if (vi.getTimerCount() > 0) await vi.advanceTimersByTimeAsync(1000)
    }
    return await run
  } finally {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  }
}
