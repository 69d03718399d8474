/** Nanoseconds since 1970 in UTC, which fit all times of a chain. */
export type Time = bigint

export const second = 1_000_000_000n

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/

/** Go's zero time, 0001-01-01T00:00:00Z. */
export const zeroTime: Time = -62_135_596_800n * second

/** Reads a time as CometBFT writes it. */
export function parseTime(text: string): Time {
  const parts = rfc3339.exec(text)
  const milliseconds = parts ? Date.parse(`${parts[1]}Z`) : NaN
  if (!parts || Number.isNaN(milliseconds)) throw new Error(`${JSON.stringify(text.slice(0, 40))} is not a time`)
  return BigInt(milliseconds) * 1_000_000n + BigInt((parts[2] ?? '').padEnd(9, '0'))
}

/** The clock of this machine. */
export const now = (): Time => BigInt(Date.now()) * 1_000_000n

/** Whole seconds and the nanoseconds after them, as in google.protobuf.Timestamp. */
export function parts(time: Time): { seconds: bigint; nanos: number } {
  const nanos = ((time % second) + second) % second
  return { seconds: (time - nanos) / second, nanos: Number(nanos) }
}

/** As 2006-01-02T15:04:05Z. */
export function formatTime(time: Time): string {
  return `${new Date(Number(parts(time).seconds) * 1000).toISOString().slice(0, 19)}Z`
}

/** A time span in words such as 1h2m3s, to the second. */
export function formatSpan(span: bigint): string {
  const seconds = (span + second / 2n) / second
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n]
  if (hours > 0n) return `${hours}h${minutes}m${seconds % 60n}s`
  return minutes > 0n ? `${minutes}m${seconds % 60n}s` : `${seconds}s`
}
