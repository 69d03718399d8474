import { Query } from '../chain/gen/cosmos/bank/v1beta1/query_pb'
import { query } from '../chain/rpc'

/** What an account can spend now, in uvmt. */
export async function spendable(address: string): Promise<bigint> {
  const { balance } = await query(Query.method.spendableBalanceByDenom, { address, denom: 'uvmt' })
  return BigInt(balance?.amount ?? '0')
}

/** All coins of an account; uvmt apart. What vests is in uvmt, but not in spendable. */
export async function balancesOf(address: string) {
  const [{ balances }, free] = await Promise.all([
    query(Query.method.allBalances, { address, pagination: { limit: 100n } }), spendable(address),
  ])
  const uvmt = BigInt(balances.find((coin) => coin.denom === 'uvmt')?.amount ?? '0')
  return { uvmt, spendable: free, others: balances.filter((coin) => coin.denom !== 'uvmt') }
}
