/** Ordering samples: one-time keys are made and kept before anything is paid. */
import { fromHex, toHex } from '@cosmjs/encoding'
import { find, query } from '../chain/rpc'
import { MsgOrderSamplesSchema } from '../chain/gen/virusmap/market/v1/tx_pb'
import { Query } from '../chain/gen/virusmap/market/v1/query_pb'
import { msg, type TypedMessage } from '../chain/registry'
import { keepSecrets, type Secret } from './secrets'

export interface Quote {
  sha256: string
  product: string
  price: bigint
  size: bigint
}

/** What a sample costs now; undefined for one that is not for sale or not known. */
export async function quote(sha256: string): Promise<Quote | undefined> {
  const found = await find(Query.method.quote, { sha256 })
  return found && { sha256, product: found.product, price: found.price, size: found.sizeBytes }
}

/** An order that is ready to be sent, once its secret has been backed up. */
export interface Prepared {
  quote: Quote
  secret: Secret
  oneTimeKey: Uint8Array
}

/** Makes the one-time key of an order and keeps its secret in this browser. */
export async function prepare(chainId: string, buyer: string, quoted: Quote): Promise<Prepared> {
  const { newOneTimeKey, orderId } = await import('./exchange') // heavy, and not needed to look at prices
  const { secret, publicKey } = await newOneTimeKey()
  const order = toHex(orderId(buyer, fromHex(quoted.sha256), publicKey))
  const kept: Secret = {
    order, chain_id: chainId, buyer, sha256: quoted.sha256, secret: toHex(secret), made: Math.floor(Date.now() / 1000),
  }
  await keepSecrets([kept])
  return { quote: quoted, secret: kept, oneTimeKey: publicKey }
}

/** The message that pays; the price may have risen by tolerancePercent meanwhile. */
export function orderMessage(prepared: Prepared, tolerancePercent = 5n): TypedMessage {
  const { quote: quoted, secret, oneTimeKey } = prepared
  const most = (quoted.price * (100n + tolerancePercent)) / 100n
  return msg(MsgOrderSamplesSchema, {
    buyer: secret.buyer, items: [{ sha256: fromHex(quoted.sha256), oneTimeKey }], maxPrice: { denom: 'uvmt', amount: most.toString() },
  })
}

export const order = async (id: string) => (await find(Query.method.order, { id }))?.order

/** The newest orders of a buyer. */
export async function ordersOf(buyer: string) {
  return (await query(Query.method.orders, { buyer, pagination: { limit: 50n, reverse: true } })).orders
}
