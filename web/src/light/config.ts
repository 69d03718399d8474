import { hexToBytes } from '@noble/hashes/utils.js'
import { quoted, Unverifiable } from './errors'
import { second } from './time'

/** Whom to trust and whom to ask. */
export interface Config {
  /** CometBFT RPC addresses. The first serves the headers, the others are witnesses; all of them may lie. */
  rpc: string[]
  chainId: string
  /**
   * The block from which everything else is derived: its hash in hex, and how long its
   * validators can be punished. It has to come from a source that the user trusts.
   */
  trust: { height: number | bigint | string; hash: string; periodSeconds: number | string }
  /** How old the newest block may be; 300 without it. */
  maxAgeSeconds?: number
}

/** A Config that was checked, with spans in nanoseconds. */
export interface Settings {
  rpc: string[]
  chainId: string
  trust: { height: bigint; hash: Uint8Array; period: bigint }
  maxAge: bigint
}

const defaultMaxAgeSeconds = 300
const maxServers = 16
const maxPeriodSeconds = 365n * 24n * 3600n
const maxAgeLimit = 1e9

export function readConfig(config: Config): Settings {
  const { rpc, chainId, trust, maxAgeSeconds = defaultMaxAgeSeconds } = config
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/.test(chainId))
    throw new Unverifiable(`chainId ${quoted(chainId, 64)} is not 1..50 characters of [A-Za-z0-9._-]`)
  if (rpc.length === 0 || rpc.length > maxServers)
    throw new Unverifiable(`rpc has ${rpc.length} addresses, want 1..${maxServers}`)
  const height = integer('trust.height', trust.height)
  if (height < 1n) throw new Unverifiable(`trust.height is ${height}, want at least 1`)
  if (!/^[0-9a-fA-F]{64}$/.test(trust.hash)) throw new Unverifiable('trust.hash is not 32 bytes in hex')
  const period = integer('trust.periodSeconds', trust.periodSeconds)
  if (period < 1n || period > maxPeriodSeconds)
    throw new Unverifiable(`trust.periodSeconds is ${period}, want 1 second to 365 days`)
  if (!(maxAgeSeconds > 0 && maxAgeSeconds <= maxAgeLimit))
    throw new Unverifiable(`maxAgeSeconds is ${maxAgeSeconds}, want 1..${maxAgeLimit}`)
  return {
    rpc: rpc.map(serverAddress),
    chainId,
    trust: { height, hash: hexToBytes(trust.hash), period: period * second },
    maxAge: BigInt(Math.ceil(maxAgeSeconds)) * second,
  }
}

function integer(name: string, value: number | bigint | string): bigint {
  const text = String(value)
  if (!/^\d{1,18}$/.test(text)) throw new Unverifiable(`${name} is ${quoted(text, 32)}, want an integer`)
  return BigInt(text)
}

/** Addresses may be relative to where the page or worker comes from. */
function serverAddress(address: string): string {
  const base = (globalThis as { location?: { href: string } }).location?.href
  const url = URL.canParse(address, base) ? new URL(address, base) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Unverifiable(`rpc ${quoted(address)} is not an address of http or https`)
  return url.href
}
