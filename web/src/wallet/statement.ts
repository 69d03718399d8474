/**
 * Texts that a wallet signs by ADR-036, of which no transaction can be made: the authorisation
 * of an API key (x/market/types/statement.go), comments and votes. Exact to the byte.
 */
import type { StdSignDoc } from '@cosmjs/amino'
import { toBase64, toUtf8 } from '@cosmjs/encoding'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

export interface SignedStatement {
  statement: string
  /** Base64 of the compressed secp256k1 key. */
  pub_key: string
  /** Base64 of r || s. */
  signature: string
}

export type Item = 'file' | 'url' | 'domain' | 'ip_address' | 'collection' | 'comment'

/** Unix seconds as RFC 3339 in UTC. */
const utc = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
const hashOf = (text: string): string => bytesToHex(sha256(toUtf8(text)))

export function keyStatement(chainId: string, account: string, apiKey: string, issued: number, expires: number): string {
  return `VirusMap API key\nchain: ${chainId}\naccount: ${account}\nkey: ${hashOf(apiKey)}\n` +
    `issued: ${utc(issued)}\nexpires: ${utc(expires)}\n`
}

export function commentStatement(chainId: string, account: string, item: Item, id: string, time: number, text: string): string {
  return `VirusMap comment\nchain: ${chainId}\naccount: ${account}\nitem: ${item}/${id}\ntime: ${utc(time)}\ntext-sha256: ${hashOf(text)}`
}

export function voteStatement(
  chainId: string, account: string, item: Item, id: string, time: number, verdict: 'harmless' | 'malicious',
): string {
  return `VirusMap vote\nchain: ${chainId}\naccount: ${account}\nitem: ${item}/${id}\ntime: ${utc(time)}\nverdict: ${verdict}`
}

/** ADR-036's document over a text. */
export function statementDoc(signer: string, statement: string): StdSignDoc {
  return {
    chain_id: '', account_number: '0', sequence: '0', fee: { amount: [], gas: '0' }, memo: '',
    msgs: [{ type: 'sign/MsgSignData', value: { signer, data: toBase64(toUtf8(statement)) } }],
  }
}
