/** An answer or a report contradicts what is proved: the claim it belongs to is false. */
export class Refuted extends Error {
  override name = 'Refuted'
}

/** Nothing could be checked: bad settings, a report of another form, or no server that answers. */
export class Unverifiable extends Error {
  override name = 'Unverifiable'
}

/** Whether an error ends everything, whichever server caused it. */
export const isFinal = (error: unknown, signal: AbortSignal): boolean => error instanceof Unverifiable || signal.aborted

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** At most `limit` characters of a text from outside, in quotes. */
export function quoted(text: string, limit = 80): string {
  return JSON.stringify(text.length > limit ? text.slice(0, limit) : text)
}
