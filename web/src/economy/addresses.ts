import { fromBech32 } from '@cosmjs/encoding'

/** Characters of BIP-173. */
const maxAddress = 90

/** Whether a text is an address of an account with a right checksum. */
export function isAddress(text: string, prefix = 'vmt'): boolean {
  if (text.length > maxAddress) return false
  try {
    const parsed = fromBech32(text, maxAddress)
    return parsed.prefix === prefix && (parsed.data.length === 20 || parsed.data.length === 32)
  } catch {
    return false
  }
}
