import { at, request } from './client'
import type { Report } from './items'
import type { AnalysisAttributes, AnalysisMeta, One } from './types'

export const privateBase = '/ui/private'

const storageKey = 'private-lane-token'
const tokenBytes = 16

/**
 * Stands for who sent private files: only who has it sees them. It is made here, before the
 * first of them is sent, and lasts as long as the tab, no longer.
 */
function privateToken(storage: Storage = sessionStorage): string {
  let token = storage.getItem(storageKey)
  if (!token) {
    token = [...crypto.getRandomValues(new Uint8Array(tokenBytes))].map((b) => b.toString(16).padStart(2, '0')).join('')
    storage.setItem(storageKey, token)
  }
  return token
}

export function privateHeaders(): Record<string, string> {
  return { 'X-Virusmap-Private': privateToken() }
}

export function privateFile(sha256: string, signal?: AbortSignal): Promise<Report> {
  return request<Report>(at(privateBase, 'files', sha256), { signal, headers: privateHeaders() })
}

export function privateAnalysis(id: string, signal?: AbortSignal): Promise<One<AnalysisAttributes, AnalysisMeta>> {
  return request(at(privateBase, 'analyses', id), { signal, headers: privateHeaders() })
}
