/** The built-in key of people without a wallet. */
import { Bip39, Random } from '@cosmjs/crypto'
import { toBase64 } from '@cosmjs/encoding'
import type { Account } from './account'
import { drop, keep, readKept } from './kept'
import { LocalSigner, normalized, type SignMode } from './signer'
import { statementDoc } from './statement'
import { decryptWords, encryptWords } from './words'

export { LocalSigner } from './signer'

/** 24 new words. */
export const newWords = (): string => Bip39.encode(Random.getBytes(32)).toString()

/** Encrypts words and keeps them in this browser; returns the account, unlocked. */
export async function store(words: string, password: string, name: string, prefix: string, mode: SignMode): Promise<Account> {
  const signer = await LocalSigner.fromMnemonic(words, prefix)
  const file = await encryptWords(normalized(words), password)
  keep({ version: 1, address: signer.address, name, file })
  return accountOf(signer, name, mode)
}

/** Opens the kept key. */
export async function unlock(password: string, prefix: string, mode: SignMode): Promise<Account> {
  const kept = readKept()
  if (!kept) throw new Error('no key is kept in this browser')
  const words = await decryptWords(kept.file, password)
  return accountOf(await LocalSigner.fromMnemonic(words, prefix), kept.name, mode)
}

/** The words of the kept key, to be shown to its person. */
export async function reveal(password: string): Promise<string> {
  const kept = readKept()
  if (!kept) throw new Error('no key is kept in this browser')
  return decryptWords(kept.file, password)
}

export { drop, readKept }

function accountOf(signer: LocalSigner, name: string, mode: SignMode): Account {
  return {
    kind: 'local', address: signer.address, name, pubkey: signer.publicKey, asks: false,
    signer: mode === 'amino' ? signer.offline('amino') : signer.offline('direct'),
    signStatement: async (text) => {
      const { signature } = await signer.signAmino(statementDoc(signer.address, text))
      return { statement: text, pub_key: toBase64(signer.publicKey), signature: signature.signature }
    },
    close: () => signer.forget(),
  }
}
