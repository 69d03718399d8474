import type { Info } from '../api/node'
import { t } from '../i18n'
import type { Config } from '../light'

/** What a person types in; rpc has one address a line. */
export interface TrustForm {
  rpc: string
  chainId: string
  height: string
  hash: string
  periodSeconds: string
}

const key = 'trust'
const maxServers = 10

/** What the node suggests. Whoever does not trust the node asks others for the hash. */
export function suggestedTrust(node: Info, origin: string): TrustForm {
  return {
    rpc: `${origin}/chain/rpc`,
    chainId: node.chain_id,
    height: String(node.trust?.height ?? ''),
    hash: node.trust?.hash ?? '',
    periodSeconds: String(node.trust?.period_seconds ?? ''),
  }
}

/** The root that the person entered for this chain before, else what the node suggests. */
export function storedTrust(node: Info, origin: string): TrustForm {
  const suggested = suggestedTrust(node, origin)
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<TrustForm> | null
    if (stored?.chainId !== node.chain_id) return suggested
    return { ...suggested, ...stored }
  } catch {
    return suggested
  }
}

/** Whether the form says what the node suggests, which gets newer from day to day. */
export function isSuggested(form: TrustForm, suggested: TrustForm): boolean {
  return Object.entries(suggested).every(([name, value]) => form[name as keyof TrustForm] === value)
}

/** Remembers what the person entered on this device, but nothing that the node suggested. */
export function storeTrust(form: TrustForm, suggested: TrustForm): void {
  if (isSuggested(form, suggested)) localStorage.removeItem(key)
  else localStorage.setItem(key, JSON.stringify(form))
}

/** Checks what was typed; the error names the field. */
export function parseTrust(form: TrustForm): Config {
  const rpc = form.rpc.split(/\s+/).filter(Boolean)
  if (rpc.length === 0 || rpc.length > maxServers || !rpc.every(isServer)) throw new Error(t('trust.error.rpc'))
  if (!form.chainId.trim()) throw new Error(t('trust.error.chain'))
  const height = whole(form.height)
  if (!height) throw new Error(t('trust.error.height'))
  const hash = form.hash.trim()
  if (!/^[0-9a-f]{64}$/i.test(hash)) throw new Error(t('trust.error.hash'))
  const periodSeconds = whole(form.periodSeconds)
  if (!periodSeconds) throw new Error(t('trust.error.period'))
  return { rpc, chainId: form.chainId.trim(), trust: { height, hash, periodSeconds } }
}

function whole(text: string): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : 0
  return Number.isSafeInteger(value) ? value : 0
}

function isServer(address: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol)
  } catch {
    return false
  }
}
