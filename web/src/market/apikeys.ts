/** API keys of an account at this node: made here, authorised by the wallet, shown once. */
import { toBase64, toUtf8 } from '@cosmjs/encoding'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { nodeBase, request } from '../api/client'
import { signStatement } from '../wallet'
import { keyStatement } from '../wallet/statement'

export const maxDays = 366

/** What this browser remembers of a key: never the key itself. */
export interface Made {
  /** The first characters of the key's SHA-256, by which a person tells keys apart. */
  mark: string
  account: string
  name: string
  issued: number
  expires: number
}

const storageKey = 'wallet.apikeys'

export function madeHere(account: string): Made[] {
  try {
    const all = JSON.parse(localStorage.getItem(storageKey) ?? '[]') as Made[]
    return all.filter((made) => made.account === account)
  } catch {
    return []
  }
}

function remember(made: Made): void {
  const all = JSON.parse(localStorage.getItem(storageKey) ?? '[]') as Made[]
  localStorage.setItem(storageKey, JSON.stringify([...all, made]))
}

export function forget(mark: string): void {
  const all = JSON.parse(localStorage.getItem(storageKey) ?? '[]') as Made[]
  localStorage.setItem(storageKey, JSON.stringify(all.filter((made) => made.mark !== mark)))
}

/** 32 random bytes in URL-safe base64 without padding, as the command line makes them. */
function newKey(): string {
  return toBase64(crypto.getRandomValues(new Uint8Array(32))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Makes a key, has the wallet authorise it, and registers it at this node. The answer is the only copy. */
export async function makeKey(chainId: string, account: string, days: number, name = ''): Promise<string> {
  if (!(days > 0 && days <= maxDays)) throw new RangeError(`days: ${days}, want above 0 and at most ${maxDays}`)
  const key = newKey()
  const issued = Math.floor(Date.now() / 1000)
  const expires = issued + Math.round(days * 86_400)
  const body = await signStatement(keyStatement(chainId, account, key, issued, expires))
  await request(`${nodeBase}/keys`, { method: 'POST', body })
  if (name) remember({ mark: bytesToHex(sha256(toUtf8(key))).slice(0, 12), account, name, issued, expires })
  return key
}
