/** Transactions of an account, found by the node's index. */
import { fromBinary } from '@bufbuild/protobuf'
import { toHex } from '@cosmjs/encoding'
import { TxBodySchema, TxRawSchema } from '../chain/gen/cosmos/tx/v1beta1/tx_pb'
import { rpc } from '../chain/rpc'

export interface Entry {
  hash: string
  height: number
  ok: boolean
  /** Names of the messages without package: "MsgDelegate". */
  messages: string[]
  memo: string
}

const perPage = 30

/** The newest transactions that the account signed, or that brought it coins. Nodes index no other events. */
export async function historyOf(address: string): Promise<Entry[]> {
  const search = (query: string) => rpc().txSearch({ query, page: 1, per_page: perPage, order_by: 'desc' })
  const [sent, received] = await Promise.all([
    search(`message.sender='${address}'`), search(`transfer.recipient='${address}'`),
  ])
  const found = new Map<string, Entry>()
  for (const tx of [...sent.txs, ...received.txs]) {
    const hash = toHex(tx.hash).toUpperCase()
    if (!found.has(hash)) found.set(hash, { hash, height: tx.height, ok: tx.result.code === 0, ...contentOf(tx.tx) })
  }
  return [...found.values()].sort((a, b) => b.height - a.height).slice(0, perPage)
}

function contentOf(tx: Uint8Array): { messages: string[]; memo: string } {
  const { bodyBytes } = fromBinary(TxRawSchema, tx)
  const { messages, memo } = fromBinary(TxBodySchema, bodyBytes)
  return { messages: messages.map((m) => m.typeUrl.split('.').pop() ?? m.typeUrl), memo }
}
