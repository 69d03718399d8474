import { bytesToHex } from '@noble/hashes/utils.js'

/** Bytes in upper-case hex, as CometBFT writes them. */
export const upperHex = (bytes: Uint8Array): string => bytesToHex(bytes).toUpperCase()

export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && compare(a, b) === 0

/** Orders byte strings lexicographically: below 0, 0 or above 0. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  bytes.length >= prefix.length && equal(bytes.subarray(0, prefix.length), prefix)

/** An unsigned integer of 8 bytes, big-endian. */
export function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}

export const readUint64 = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0)

export const readUint32 = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)

const utf8 = new TextEncoder()

export const utf8Bytes = (text: string): Uint8Array => utf8.encode(text)
