/** An error that the chain answered: where it comes from, its number there, and its words. */
export class ChainError extends Error {
  override name = 'ChainError'

  constructor(readonly codespace: string, readonly code: number, log: string) {
    super(shortened(log) || `${codespace} ${code}`)
  }

  /** What was asked for is not there. Queries answer with gRPC's number. */
  get notFound(): boolean {
    return this.code === grpcNotFound || /\bNotFound\b|not found/.test(this.message)
  }

  /** A key of the translated texts: "chain.sdk.5", for those that have one. */
  get textKey(): string {
    return `chain.${this.codespace}.${this.code}`
  }
}

const grpcNotFound = 5
const maxLog = 600

/** Logs can carry stack traces and the whole of what was wrong. */
function shortened(log: string): string {
  const line = log.split('\n')[0]!.replace(/ \[[^\]]*\.go:\d+\].*$/, '').trim()
  return line.length > maxLog ? line.slice(0, maxLog) + '…' : line
}
