import { nodeBase, request } from './client'

/** What a node tells about itself. 64-bit numbers may come as strings. */
export interface Info {
  chain_id: string
  bech32_prefix: string
  denom: string
  display_denom: string
  decimals: number
  /** Absent where the node has none. */
  moniker?: string
  operator?: string
  version: string
  consent: { version: number; text: Record<'en' | 'zh', string> }
  /** 0 means no limit. */
  limits: {
    max_file_bytes: number
    anonymous_requests_per_minute: number
    anonymous_uploads_per_minute: number
  }
  private_lane: boolean
  fetch_engine: boolean
  gas_price: string
  /** Absent while the node cannot reach the chain. */
  trust?: { height: number; hash: string; period_seconds: number }
}

let asked: Promise<Info> | undefined

/** Asks once and remembers; a failure is forgotten, so that it can be tried again. */
export function info(): Promise<Info> {
  asked ??= request<Info>(`${nodeBase}/info`)
    .then(withNumbers)
    .catch((error: unknown) => {
      asked = undefined
      throw error
    })
  return asked
}

/** protojson writes int64 as strings. */
function withNumbers(raw: Info): Info {
  const numbers = <T extends object>(part: T, keys: (keyof T)[]): T => {
    const copy = { ...part }
    for (const key of keys) copy[key] = Number(part[key] ?? 0) as T[keyof T]
    return copy
  }
  return {
    ...raw,
    decimals: Number(raw.decimals),
    consent: numbers(raw.consent, ['version']),
    limits: numbers(raw.limits, ['max_file_bytes', 'anonymous_requests_per_minute', 'anonymous_uploads_per_minute']),
    trust: raw.trust && numbers(raw.trust, ['height', 'period_seconds']),
  }
}
