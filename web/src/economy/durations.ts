import { language } from '../i18n'

const units: [Intl.NumberFormatOptions['unit'], number][] = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]]

/** A period in "per …": of one unit the number is left out. */
export const period = (seconds: bigint | number): string => duration(seconds).replace(/^1(?!\d)\s*/, '')

/** Seconds in the largest unit that divides them: 1814400 → "21 days". */
export function duration(seconds: bigint | number): string {
  const whole = Number(seconds)
  const [unit, size] = units.find(([, size]) => whole >= size && whole % size === 0) ?? ['second', 1]
  return new Intl.NumberFormat(language.tag, { style: 'unit', unit, unitDisplay: 'long' }).format(whole / size)
}
