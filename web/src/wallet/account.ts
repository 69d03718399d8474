import type { OfflineSigner } from '@cosmjs/proto-signing'
import type { SignedStatement } from './statement'

export type Kind = 'keplr' | 'local'

/** What the rest of the page needs of a wallet that can sign. */
export interface Account {
  kind: Kind
  address: string
  name: string
  pubkey: Uint8Array
  signer: OfflineSigner
  /** Asks its person itself before it signs. */
  asks: boolean
  signStatement: (text: string) => Promise<SignedStatement>
  /** Ends the connection and forgets secrets. */
  close: () => void
}
