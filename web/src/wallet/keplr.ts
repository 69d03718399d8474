import type { Keplr } from '@keplr-wallet/types'
import type { OfflineSigner } from '@cosmjs/proto-signing'
import type { Info } from '../api/node'
import type { Account } from './account'
import { chainInfo } from './chaininfo'
import { translated, WalletError } from './errors'

/** Keplr puts itself into the page; on a phone a moment after it has loaded. */
async function provider(patienceMilliseconds = 1500): Promise<Keplr | undefined> {
  const end = Date.now() + patienceMilliseconds
  for (;;) {
    const found = (window as { keplr?: Keplr }).keplr
    if (found || Date.now() > end) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Makes the chain known to Keplr and asks for an account. forceAmino signs JSON, as Ledgers do. */
export async function connectKeplr(info: Info, forceAmino: boolean, onchange: () => void): Promise<Account> {
  const keplr = await provider()
  if (!keplr) throw new WalletError('wallet.error.absent')
  const chainId = info.chain_id
  try {
    await keplr.experimentalSuggestChain(chainInfo(info, location.origin))
    await keplr.enable(chainId)
    const key = await keplr.getKey(chainId)
    const amino = forceAmino || key.isNanoLedger || key.isKeystone
    // The fee was shown and simulated here; Keplr still lets a person change it.
    const options = { preferNoSetFee: true, preferNoSetMemo: true }
    addEventListener('keplr_keystorechange', onchange)
    return {
      kind: 'keplr', address: key.bech32Address, name: key.name, pubkey: key.pubKey, asks: true,
      signer: kindly((amino ? keplr.getOfflineSignerOnlyAmino(chainId, options) : keplr.getOfflineSigner(chainId, options)) as unknown as OfflineSigner),
      signStatement: async (text) => {
        try {
          const { pub_key, signature } = await keplr.signArbitrary(chainId, key.bech32Address, text)
          return { statement: text, pub_key: pub_key.value, signature }
        } catch (error) {
          throw translated(error)
        }
      },
      close: () => removeEventListener('keplr_keystorechange', onchange),
    }
  } catch (error) {
    throw translated(error)
  }
}

/** The same signer, whose refusals are RejectedErrors. */
function kindly(signer: OfflineSigner): OfflineSigner {
  const guard = <A extends unknown[], R>(sign: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    try {
      return await sign(...args)
    } catch (error) {
      throw translated(error)
    }
  }
  const getAccounts = () => signer.getAccounts()
  if ('signDirect' in signer) return { getAccounts, signDirect: guard((a, doc) => signer.signDirect(a, doc)) } as OfflineSigner
  return { getAccounts, signAmino: guard((a, doc) => signer.signAmino(a, doc)) } as OfflineSigner
}
