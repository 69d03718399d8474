/** Errors of wallets; textKey names the translated text. */
export class WalletError extends Error {
  override name = 'WalletError'
  constructor(readonly textKey: string, message = textKey) {
    super(message)
  }
}

/** A person said no, which is an answer and not a failure. */
export class RejectedError extends WalletError {
  override name = 'RejectedError'
  constructor() {
    super('wallet.error.rejected')
  }
}

/** Wallets tell a refusal by words alone. */
export function translated(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error)
  return /reject|denied|cancell?ed|declined/i.test(message) ? new RejectedError() : error
}
