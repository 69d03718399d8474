import { explain, isAbort } from '../api/errors'
import type { TypedMessage } from '../chain/registry'
import { toasts } from '../ui/toasts.svelte'
import { RejectedError, send } from '../wallet'

/**
 * Sends messages through the wallet's dialog, which shows them, the fee and what became of
 * them. Tells whether they are in a block; a refusal by the person is no error.
 */
export async function act(...msgs: TypedMessage[]): Promise<boolean> {
  try {
    await send(msgs)
    return true
  } catch (error) {
    if (!(error instanceof RejectedError) && !isAbort(error)) toasts.show(explain(error).message, 'danger')
    return false
  }
}
