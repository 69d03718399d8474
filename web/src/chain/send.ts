/** From messages to a block: account, gas, signature, broadcast, and waiting. */
import { toHex } from '@cosmjs/encoding'
import type { OfflineSigner } from '@cosmjs/proto-signing'
import { feeFor, gasLimit, type GasPrice } from './amounts'
import { ChainError } from './errors'
import { Query as AuthQuery } from './gen/cosmos/auth/v1beta1/query_pb'
import { Service } from './gen/cosmos/tx/v1beta1/service_pb'
import { ClaimRewards } from './free'
import type { TypedMessage } from './registry'
import { find, query, rpc } from './rpc'
import { signTx, unsignedTx, type Fee } from './sign'

const pollMilliseconds = 800
const waitMilliseconds = 90_000

/** A transaction that is in a block. */
export interface Included {
  hash: string
  height: number
  gasUsed: bigint
  events: readonly { type: string; attributes: readonly { key: string; value: string }[] }[]
}

/** It was sent, and was in no block when waiting ended: it may still come. */
export class PendingError extends Error {
  override name = 'PendingError'
  readonly textKey = 'chain.pending'
  constructor(readonly hash: string) {
    super(`transaction ${hash} is in no block yet`)
  }
}

/** The number and the sequence of an account; undefined for one that the chain has never seen. */
export async function account(address: string): Promise<{ accountNumber: bigint; sequence: bigint } | undefined> {
  const found = (await find(AuthQuery.method.accountInfo, { address }))?.info
  return found && { accountNumber: found.accountNumber, sequence: found.sequence }
}

/** Has the node run the messages without a signature, and reckons the fee from what they used. */
export async function estimate(
  msgs: readonly TypedMessage[], memo: string, address: string, pubkey: Uint8Array, price: GasPrice,
): Promise<Fee> {
  const found = await account(address)
  if (!found) throw new UnfundedError(address)
  const txBytes = unsignedTx(msgs, memo, pubkey, found.sequence)
  const { gasInfo } = await query(Service.method.simulate, { txBytes })
  const gas = gasLimit(gasInfo?.gasUsed ?? 0n)
  const free = msgs.length === 1 && msgs[0]!.typeUrl === ClaimRewards
  return { gas, amount: free ? 0n : feeFor(gas, price), denom: price.denom }
}

/** The chain knows no such account: it has never received a coin. */
export class UnfundedError extends Error {
  override name = 'UnfundedError'
  readonly textKey = 'chain.unfunded'
  constructor(readonly address: string) {
    super(`account ${address} has no coins`)
  }
}

/** Signs and hands in a transaction; the hash is that of one that the node took. */
export async function broadcast(
  signer: OfflineSigner, address: string, msgs: readonly TypedMessage[], fee: Fee, memo: string, chainId: string,
): Promise<string> {
  const found = await account(address)
  if (!found) throw new UnfundedError(address)
  const tx = await signTx(signer, address, msgs, fee, memo, { chainId, ...found })
  const answer = await rpc().broadcastTxSync({ tx })
  if (answer.code !== 0) throw new ChainError(answer.codespace ?? '', answer.code, answer.log ?? '')
  return toHex(answer.hash).toUpperCase()
}

/** Waits until a transaction is in a block; ChainError when it failed there. */
export async function included(hash: string, signal?: AbortSignal): Promise<Included> {
  const end = Date.now() + waitMilliseconds
  while (Date.now() < end) {
    const found = await transaction(hash)
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds))
    signal?.throwIfAborted()
  }
  throw new PendingError(hash)
}

async function transaction(hash: string): Promise<Included | undefined> {
  const found = await rpc().txSearch({ query: `tx.hash='${hash}'`, page: 1, per_page: 1 })
  const tx = found.txs[0]
  if (!tx) return undefined
  const { code, codespace, log, gasUsed, events } = tx.result
  if (code !== 0) throw new ChainError(codespace ?? '', code, log ?? '')
  return { hash, height: tx.height, gasUsed, events }
}
