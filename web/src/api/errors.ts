import { ChainError } from '../chain/errors'
import { isKey, t } from '../i18n'

/** An error that the node answered, with VirusTotal's code and its message. */
export class ApiError extends Error {
  override name = 'ApiError'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds after which trying again makes sense; 0 when not told. */
    readonly retryAfter = 0,
  ) {
    super(message)
  }

  get notFound(): boolean {
    return this.status === 404
  }
}

/** The node could not be reached, or what it sent was no answer of its API. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'

  constructor(readonly reason: 'offline' | 'timeout' | 'shape') {
    super(reason)
  }
}

/** Whether work was given up on purpose, which is no error to show. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** Whether the same request may succeed later; what is wrong in itself stays wrong. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || [401, 403, 408, 409, 429].includes(error.status)
}

/** What the client of the chain throws when the node does not answer, or with an error. */
function ofChainClient(error: unknown): string | undefined {
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return t('error.offline')
  const status = error instanceof Error && /^Bad status on response: (\d+)/.exec(error.message)?.[1]
  return status ? t(status === '429' ? 'error.busy' : 'error.offline') : undefined
}

/** What to tell a person about an error. */
export function explain(error: unknown): { message: string; code?: string } {
  if (error instanceof ConnectionError) return { message: t(`error.${error.reason}`) }
  const connection = ofChainClient(error)
  if (connection) return { message: connection }
  if (error instanceof ApiError) {
    const wait = error.status === 429 && error.retryAfter > 0
    const message = wait ? t('error.rate', { seconds: error.retryAfter }) : error.message
    return { message, code: error.code }
  }
  const message = error instanceof Error ? error.message : String(error)
  // Errors of wallets and of the chain name a text; the chain's own words say the rest.
  const key = (error as { textKey?: string } | null)?.textKey
  if (!key || !isKey(key)) return { message }
  return { message: t(key), code: error instanceof ChainError ? `${error.codespace} ${error.code}: ${message}` : undefined }
}
