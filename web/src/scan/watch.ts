import { at, request, uiBase } from '../api/client'
import { ApiError, isAbort } from '../api/errors'
import { privateAnalysis } from '../api/privatelane'
import type { AnalysisAttributes, AnalysisMeta, One } from '../api/types'

export type Analysis = One<AnalysisAttributes, AnalysisMeta>
export type Lane = 'public' | 'private'

const everyMilliseconds = 1000
const longestMilliseconds = 30_000

/** How long to wait before asking again, after so many failures in a row. */
export function pause(failures: number, retryAfterSeconds = 0): number {
  return Math.max(Math.min(everyMilliseconds * 2 ** failures, longestMilliseconds), retryAfterSeconds * 1000)
}

/** An analysis as it is now. */
export function analysis(id: string, lane: Lane, signal?: AbortSignal): Promise<Analysis> {
  if (lane === 'private') return privateAnalysis(id, signal)
  return request<Analysis>(at(uiBase, 'analyses', id), { signal })
}

/** Whether an analysis will not change any more. */
export function ended(a: Analysis): boolean {
  return a.data.attributes?.status === 'completed' || a.meta?.virusmap?.submission === 'refused'
}

/**
 * Asks each second until the analysis has ended or the signal aborts; then it returns. A
 * failure is told and slows the asking down, as the analysis goes on all the same; only an
 * analysis that does not exist is thrown.
 */
export async function watch(
  ask: () => Promise<Analysis>,
  signal: AbortSignal,
  onAnswer: (a: Analysis) => void,
  onFailure: (error: unknown) => void,
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void> = sleep,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    let retryAfter = 0
    try {
      const answer = await ask()
      failures = 0
      if (signal.aborted) return
      onAnswer(answer)
      if (ended(answer)) return
    } catch (error) {
      if (isAbort(error)) return
      if (error instanceof ApiError && error.notFound) throw error
      failures++
      retryAfter = error instanceof ApiError ? error.retryAfter : 0
      onFailure(error)
    }
    await wait(pause(failures, retryAfter), signal)
  }
}

/** Waits, or until the signal aborts. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, milliseconds)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
