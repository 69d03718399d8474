/** Connection to the chain through the node that serves this page. */
import { create, fromBinary, toBinary, type DescMethodUnary, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf'
import { Comet38Client, HttpClient } from '@cosmjs/tendermint-rpc'
import { ChainError } from './errors'

/** The proxy of the chain's RPC that every supernode has. */
export const rpcPath = '/chain/rpc'
export const restPath = '/chain/rest'

let client: Comet38Client | undefined

/** CometBFT 0.40 speaks as 0.38 does; cosmjs's own detection takes it for an older one. */
export function rpc(): Comet38Client {
  client ??= Comet38Client.create(new HttpClient(new URL(rpcPath, location.href).href))
  return client
}

/** Uses another connection, such as a test's. */
export function useRpc(other: Comet38Client): void {
  client = other
}

/** Calls a query of the chain; an error it answers is thrown as ChainError. */
export async function query<I extends DescMethodUnary['input'], O extends DescMethodUnary['output']>(
  method: DescMethodUnary<I, O>, request: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  const path = `/${method.parent.typeName}/${method.name}`
  const answer = await rpc().abciQuery({ path, data: toBinary(method.input, create(method.input, request)), prove: false })
  if (answer.code) throw new ChainError(answer.codespace, answer.code, answer.log ?? '')
  return fromBinary(method.output, answer.value)
}

/** As query, with undefined for what is not there. */
export async function find<I extends DescMethodUnary['input'], O extends DescMethodUnary['output']>(
  method: DescMethodUnary<I, O>, request: MessageInitShape<I>,
): Promise<MessageShape<O> | undefined> {
  try {
    return await query(method, request)
  } catch (error) {
    if (error instanceof ChainError && error.notFound) return undefined
    throw error
  }
}
