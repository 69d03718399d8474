/** From a delivered order to its sample. */
import { fromHex, toHex } from '@cosmjs/encoding'
import { CID } from './cid'
import { ApiError, ConnectionError } from '../api/errors'
import type { Order } from '../chain/gen/virusmap/market/v1/base_pb'
import { commitsTo, exchangeInfo, openFileKey } from './exchange'
import { maxBytes } from './sample'
import type { Secret } from './secrets'

/** The delivered key is wrong: what the chain's record promises is another. */
export class WrongKeyError extends Error {
  override name = 'WrongKeyError'
  readonly textKey = 'order.error.key'
}

/** Opens the file key of a delivered order. */
export async function fileKeyOf(order: Order, secret: Secret): Promise<Uint8Array> {
  const info = exchangeInfo(secret.chain_id, order.id)
  const commitment = order.sealing!.keyCommitment
  const key = await openFileKey(fromHex(secret.secret), info, order.sealedKey).catch(() => undefined)
  if (!key || !commitsTo(commitment, key)) throw new WrongKeyError('the delivered key is not the one of the sample')
  return key
}

/** Fetches a ciphertext from the node that serves this page; a key of the account may be asked for. */
export async function fetchCiphertext(
  order: Order, apiKey: string, onprogress: (part: number) => void, signal: AbortSignal,
): Promise<Uint8Array> {
  const size = Number(order.sealing!.sizeBytes)
  if (size > maxBytes) throw new RangeError(`the sample has ${size} bytes, this page opens at most ${maxBytes}`)
  let response: Response
  try {
    response = await fetch(`/ipfs/${CID(order.sealing!.cid)}`, { headers: apiKey ? { 'X-Apikey': apiKey } : {}, signal, credentials: 'omit' })
  } catch (error) {
    if (signal.aborted) throw error
    throw new ConnectionError('offline')
  }
  if (!response.ok || !response.body) throw new ApiError(response.status, String(response.status), `HTTP ${response.status}`)
  const found = new Uint8Array(size)
  let at = 0
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read()
    if (done) break
    if (at + value.length > size) throw new RangeError('the ciphertext is longer than its record says')
    found.set(value, at)
    at += value.length
    onprogress(at / size)
  }
  if (at !== size) throw new ConnectionError('shape')
  return found
}

export const contentOf = (order: Order): string => toHex(order.sha256)
