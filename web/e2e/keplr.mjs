// A wallet that behaves as Keplr does for a page: it is asked to add the chain, to connect,
// and to sign. The key stays outside of the page, as an extension's does.
import { Secp256k1HdWallet } from '@cosmjs/amino'
import { fromBase64, toBase64 } from '@cosmjs/encoding'
import { DirectSecp256k1HdWallet } from '@cosmjs/proto-signing'

/**
 * Puts window.keplr into every document of a page. ledger makes it a wallet that can sign
 * amino JSON only. Returns what was asked of it.
 */
export async function installKeplr(page, mnemonic, { ledger = false } = {}) {
  const prefix = 'vmt'
  const direct = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix })
  const amino = await Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix })
  const [account] = await amino.getAccounts()
  const asked = []
  const answers = {
    suggest: (info) => { asked.push(['suggest', info.chainId]) },
    enable: (chainId) => { asked.push(['enable', chainId]) },
    key: () => ({ name: 'analyst', algo: 'secp256k1', pubKey: toBase64(account.pubkey), bech32Address: account.address, isNanoLedger: ledger }),
    async direct(doc) {
      if (ledger) throw new Error('SIGN_MODE_DIRECT is not supported by this device')
      asked.push(['direct'])
      const { signature } = await direct.signDirect(account.address, {
        bodyBytes: fromBase64(doc.bodyBytes), authInfoBytes: fromBase64(doc.authInfoBytes),
        chainId: doc.chainId, accountNumber: BigInt(doc.accountNumber),
      })
      return { signed: doc, signature }
    },
    async amino(doc) {
      asked.push(['amino', doc.msgs.map((msg) => msg.type).join(',')])
      return amino.signAmino(account.address, doc)
    },
  }
  await page.exposeFunction('keplrAnswer', async (method, argument) => answers[method](argument))
  await page.addInitScript(() => {
    const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
    const text = (data) => btoa(String.fromCharCode(...data))
    const ask = (method, argument) => window.keplrAnswer(method, argument)
    const getKey = async () => {
      const key = await ask('key')
      return { ...key, pubKey: bytes(key.pubKey), address: new Uint8Array(20), isKeystone: false }
    }
    const getAccounts = async () => {
      const key = await getKey()
      return [{ address: key.bech32Address, algo: 'secp256k1', pubkey: key.pubKey }]
    }
    const signDirect = async (_address, doc) => {
      const { signature } = await ask('direct', {
        bodyBytes: text(doc.bodyBytes), authInfoBytes: text(doc.authInfoBytes), chainId: doc.chainId, accountNumber: String(doc.accountNumber),
      })
      return { signed: doc, signature }
    }
    const signAmino = (_address, doc) => ask('amino', JSON.parse(JSON.stringify(doc)))
    const onlyAmino = { getAccounts, signAmino }
    const both = { getAccounts, signAmino, signDirect }
    window.keplr = {
      version: '0.12.0', mode: 'extension', defaultOptions: {},
      experimentalSuggestChain: (info) => ask('suggest', JSON.parse(JSON.stringify(info))),
      enable: (chainId) => ask('enable', chainId),
      getKey,
      signAmino: (_chain, address, doc) => signAmino(address, doc),
      signDirect: (_chain, address, doc) => signDirect(address, doc),
      signArbitrary: async (_chain, signer, data) => {
        // ADR-036: a document without chain, account and fee, which can be no transaction.
        const { signature } = await signAmino(signer, {
          chain_id: '', account_number: '0', sequence: '0', fee: { gas: '0', amount: [] }, memo: '',
          msgs: [{ type: 'sign/MsgSignData', value: { signer, data: btoa(typeof data === 'string' ? String.fromCharCode(...new TextEncoder().encode(data)) : String.fromCharCode(...data)) } }],
        })
        return signature
      },
      getOfflineSigner: () => both,
      getOfflineSignerOnlyAmino: () => onlyAmino,
      getOfflineSignerAuto: async () => ((await getKey()).isNanoLedger ? onlyAmino : both),
    }
  })
  return { address: account.address, asked }
}
