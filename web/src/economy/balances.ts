import { Query } from '../chain/gen/cosmos/bank/v1beta1/query_pb'
import { query } from '../chain/rpc'

/** What an account can spend now, in uvmt. */
export async function spendable(address: string): Promise<bigint> {
  const { balance } = await query(Query.method.spendableBalanceByDenom, { address, denom: 'uvmt' })
  return BigInt(balance?.amount ?? '0')
}
