import { read, uiBase } from './client'
import { privateBase, privateHeaders } from './privatelane'
import { ConnectionError } from './errors'
import type { AnalysisAttributes, One } from './types'

export interface Upload {
  file: File
  lane: 'public' | 'private'
  channel: 'web' | 'mobile' | 'wallet'
  /** Version of the text that the person agreed to; null where it does not apply. */
  consent: number | null
  /** Address that earns from the file, or none. */
  contributor?: string
  /** Opens an encrypted archive. */
  password?: string
}

/** The receipt of an upload: an analysis to follow, and what the node wrote down of the file. */
export type Receipt = One<
  AnalysisAttributes,
  { file_info?: { sha256: string; size?: number }; virusmap?: { known?: boolean; receipt?: Record<string, unknown> } }
>

/**
 * Sends a file. Fetch tells nothing about what it has sent yet, hence XMLHttpRequest;
 * errors are those of request().
 */
export function upload(what: Upload, onProgress: (part: number) => void, signal: AbortSignal): Promise<Receipt> {
  const form = new FormData()
  if (what.contributor) form.append('contributor', what.contributor)
  if (what.password) form.append('password', what.password)
  form.append('file', what.file, what.file.name) // last: a reader then knows all else before it
  return new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest()
    const abort = () => sender.abort()
    sender.open('POST', `${what.lane === 'private' ? privateBase : uiBase}/files`)
    const headers = what.lane === 'private' ? privateHeaders() : { 'X-Virusmap-Channel': what.channel }
    for (const [name, value] of Object.entries(headers)) sender.setRequestHeader(name, value)
    if (what.consent !== null) sender.setRequestHeader('X-Virusmap-Consent', String(what.consent))
    sender.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total)
    sender.onload = () => {
      try {
        resolve(read<Receipt>(sender.status, sender.responseText, sender.getResponseHeader('Retry-After')))
      } catch (error) {
        reject(error as Error)
      }
    }
    sender.onerror = () => reject(new ConnectionError('offline'))
    sender.ontimeout = () => reject(new ConnectionError('timeout'))
    sender.onabort = () => reject(new DOMException('the upload was given up', 'AbortError'))
    sender.onloadend = () => signal.removeEventListener('abort', abort)
    if (signal.aborted) return abort(), reject(new DOMException('the upload was given up', 'AbortError'))
    signal.addEventListener('abort', abort)
    sender.send(form)
  })
}
