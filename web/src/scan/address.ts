const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

/**
 * Whether a text is a bech32 address of the chain, its checksum included
 * (https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki), so that a slip of
 * the keyboard gives nobody's reward away.
 */
export function looksLikeAddress(text: string, prefix: string): boolean {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return false
  const lower = text.toLowerCase()
  if (!lower.startsWith(`${prefix}1`) || lower.length > 90) return false
  const values = [...lower.slice(prefix.length + 1)].map((c) => alphabet.indexOf(c))
  if (values.length < 6 + 32 || values.includes(-1)) return false
  const high = [...prefix].map((c) => c.charCodeAt(0) >> 5)
  const low = [...prefix].map((c) => c.charCodeAt(0) & 31)
  return polymod([...high, 0, ...low, ...values]) === 1
}

function polymod(values: number[]): number {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
  let checksum = 1
  for (const value of values) {
    const top = checksum >>> 25
    checksum = ((checksum & 0x1ffffff) << 5) ^ value
    for (const [bit, term] of generator.entries()) if ((top >> bit) & 1) checksum ^= term
  }
  return checksum
}
