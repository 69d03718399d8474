/** Amounts are whole numbers of the smallest coin in bigint. Nothing here is a float. */

/** Digits that a person may enter, before the point. */
const maxWholeDigits = 30

/** Reads what a person entered as VMT ("1,234.5") as uvmt; null when it is no such amount. */
export function parseCoins(text: string, decimals = 6): bigint | null {
  const found = /^(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d*))?$/.exec(text.trim())
  const whole = (found?.[1] ?? '').replaceAll(',', '')
  const fraction = found?.[2] ?? ''
  if (!found || whole + fraction === '' || whole.length > maxWholeDigits || fraction.length > decimals) return null
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}

/** Writes uvmt as a person would enter it: without separators, every digit kept. */
export function plainCoins(amount: bigint, decimals = 6): string {
  const digits = amount.toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(-decimals).replace(/0+$/, '')
  return digits.slice(0, -decimals) + (fraction ? '.' + fraction : '')
}

/** A gas price such as "0.025uvmt", as an exact fraction. */
export interface GasPrice {
  numerator: bigint
  denominator: bigint
  denom: string
}

export function parseGasPrice(text: string): GasPrice {
  const found = /^(\d{1,30})(?:\.(\d{1,18}))?([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/.exec(text)
  if (!found) throw new Error(`gas price ${text.slice(0, 80)} is not like 0.025uvmt`)
  const fraction = found[2] ?? ''
  return { numerator: BigInt(found[1]! + fraction), denominator: 10n ** BigInt(fraction.length), denom: found[3]! }
}

/** What gas costs, rounded up. */
export function feeFor(gas: bigint, price: GasPrice): bigint {
  return (gas * price.numerator + price.denominator - 1n) / price.denominator
}

/** The gas limit for what a simulation used: 1.4 times, rounded up. */
export function gasLimit(used: bigint): bigint {
  return (used * 14n + 9n) / 10n
}

/** part / whole in millionths, for drawing; 0 when whole is 0. */
export function ppm(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000n) / whole)
}
