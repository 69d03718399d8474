import { ApiError, ConnectionError, isAbort } from './errors'

/** Roots of what the node serves to this page. */
export const uiBase = '/ui'
export const nodeBase = '/virusmap/node/v1'

const timeoutMilliseconds = 30_000

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Sent as JSON, or as it is when it is a form. */
  body?: unknown
  signal?: AbortSignal
  headers?: Record<string, string>
}

/**
 * Sends one request and returns the JSON it answers. An error that the node answers is
 * thrown as ApiError, one on the way as ConnectionError, giving up as AbortError.
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const { method = 'GET', body, signal, headers = {} } = options
  const form = body instanceof FormData || body instanceof URLSearchParams
  const limit = AbortSignal.timeout(timeoutMilliseconds)
  let response: Response
  let text: string
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined || form ? headers : { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      credentials: 'omit',
      cache: 'no-store',
    })
    text = await response.text()
  } catch (error) {
    if (isAbort(error)) throw error
    throw new ConnectionError(limit.aborted ? 'timeout' : 'offline')
  }
  return read<T>(response.status, text, response.headers.get('Retry-After'))
}

/** Reads an answer of the API: its JSON, or the error it tells. */
export function read<T>(status: number, text: string, retryAfter: string | null): T {
  let answer: unknown
  try {
    answer = text ? JSON.parse(text) : {}
  } catch {
    if (status < 400) throw new ConnectionError('shape')
  }
  if (status >= 200 && status < 300) return answer as T
  throw errorOf(status, answer, retryAfter)
}

/** VirusTotal's errors have {error:{code,message}}, those of the native API {code,message}. */
function errorOf(status: number, answer: unknown, retryAfter: string | null): ApiError {
  const seconds = Number(retryAfter) || 0
  const outer = answer as { error?: { code?: unknown; message?: unknown }; code?: unknown; message?: unknown } | undefined
  const inner = typeof outer?.error === 'object' && outer.error ? outer.error : outer
  const message = typeof inner?.message === 'string' && inner.message ? inner.message : `HTTP ${status}`
  return new ApiError(status, inner?.code === undefined ? String(status) : String(inner.code), message, seconds)
}

/** A path below a base, its parts encoded: at('/ui', 'files', id). */
export function at(base: string, ...parts: string[]): string {
  return [base, ...parts.map(encodeURIComponent)].join('/')
}
