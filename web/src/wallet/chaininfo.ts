import type { ChainInfo } from '@keplr-wallet/types'
import type { Info } from '../api/node'
import { parseGasPrice, plainCoins } from '../chain/amounts'
import { restPath, rpcPath } from '../chain/rpc'

/** What Keplr has to know of the chain; the node that serves this page is its end point. */
export function chainInfo(info: Info, origin: string): ChainInfo {
  const currency = { coinDenom: info.display_denom, coinMinimalDenom: info.denom, coinDecimals: info.decimals }
  const prefix = info.bech32_prefix
  const price = parseGasPrice(info.gas_price)
  const times = (percent: bigint) => Number(plainCoins((price.numerator * percent * 10_000n) / price.denominator))
  return {
    chainId: info.chain_id,
    chainName: info.chain_id === 'virusmap-1' ? 'VirusMap' : `VirusMap (${info.chain_id})`,
    rpc: origin + rpcPath,
    rest: origin + restPath,
    bip44: { coinType: 118 },
    bech32Config: {
      bech32PrefixAccAddr: prefix, bech32PrefixAccPub: `${prefix}pub`,
      bech32PrefixValAddr: `${prefix}valoper`, bech32PrefixValPub: `${prefix}valoperpub`,
      bech32PrefixConsAddr: `${prefix}valcons`, bech32PrefixConsPub: `${prefix}valconspub`,
    },
    currencies: [currency],
    feeCurrencies: [{ ...currency, gasPriceStep: { low: times(100n), average: times(120n), high: times(200n) } }],
    stakeCurrency: currency,
    features: [],
  }
}
