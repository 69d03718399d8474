import { language } from './language.svelte'

/** Numbers of the API: JSON numbers, or 64-bit integers as strings. */
export type Numeric = number | string | bigint

/** A whole number with separators. Strings stay exact beyond 2^53. */
export function number(value: Numeric): string {
  const exact = typeof value === 'string' ? BigInt(value) : value
  return new Intl.NumberFormat(language.tag).format(exact)
}

/** A part of one as per cent. */
export function percent(part: number, digits = 0): string {
  return new Intl.NumberFormat(language.tag, { style: 'percent', maximumFractionDigits: digits }).format(part)
}

/** A size of bytes in binary units. */
export function bytes(value: Numeric): string {
  let rest = Number(value)
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024
    unit++
  }
  const digits = unit > 0 && rest < 100 ? 1 : 0
  return `${new Intl.NumberFormat(language.tag, { maximumFractionDigits: digits }).format(rest)} ${units[unit]}`
}

/** Date and time of unix seconds, in the person's zone. */
export function time(unixSeconds: Numeric): string {
  return new Intl.DateTimeFormat(language.tag, { dateStyle: 'medium', timeStyle: 'medium' }).format(
    Number(unixSeconds) * 1000,
  )
}

/** Date of unix seconds, in the person's zone. */
export function date(unixSeconds: Numeric): string {
  return new Intl.DateTimeFormat(language.tag, { dateStyle: 'medium' }).format(Number(unixSeconds) * 1000)
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** How long ago (or ahead) unix seconds are. */
export function ago(unixSeconds: Numeric, nowMilliseconds = Date.now()): string {
  const seconds = Math.round(Number(unixSeconds) - nowMilliseconds / 1000)
  const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return new Intl.RelativeTimeFormat(language.tag, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

/** An amount of the smallest coin (10^-decimals) as the displayed one: 1500000 → "1.5". */
export function coins(amount: Numeric, decimals = 6): string {
  const whole = BigInt(amount)
  const sign = whole < 0n ? '-' : ''
  const digits = (whole < 0n ? -whole : whole).toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return sign + number(BigInt(digits.slice(0, digits.length - decimals))) + (fraction ? '.' + fraction : '')
}
