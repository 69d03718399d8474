import { at, request } from './client'
import type { Report } from './items'
import type { AnalysisAttributes, AnalysisMeta, One } from './types'

/** The private lane is seen only with the API key that brought the file, so it is not below /ui. */
export const privateBase = '/api/v3/private'

const storageKey = 'private-lane-key'

/** The key that the person entered. It lasts as long as the tab, no longer. */
export const privateKey = {
  get value(): string {
    return sessionStorage.getItem(storageKey) ?? ''
  },
  set value(key: string) {
    if (key) sessionStorage.setItem(storageKey, key)
    else sessionStorage.removeItem(storageKey)
  },
}

function headers(): Record<string, string> {
  return { 'X-Apikey': privateKey.value }
}

export function privateFile(sha256: string, signal?: AbortSignal): Promise<Report> {
  return request<Report>(at(privateBase, 'files', sha256), { signal, headers: headers() })
}

export function privateAnalysis(id: string, signal?: AbortSignal): Promise<One<AnalysisAttributes, AnalysisMeta>> {
  return request(at(privateBase, 'analyses', id), { signal, headers: headers() })
}
