import { hashText } from '../hashing/sha256'

/** Kinds of what a comment or a vote can be about, as the API writes them. */
export type Item = 'file' | 'url' | 'domain' | 'ip_address' | 'collection' | 'comment'

export interface About {
  chainId: string
  /** The bech32 address that signs. */
  account: string
  item: Item
  id: string
  /** When it is signed; the node takes it within ten minutes. */
  time: Date
}

/** The text that a wallet signs for a comment, by ADR-036. */
export function commentStatement(about: About, text: string): string {
  return [...head('VirusMap comment', about), `text-sha256: ${hashText(text)}`].join('\n')
}

/** The text that a wallet signs for a vote, by ADR-036. */
export function voteStatement(about: About, verdict: 'harmless' | 'malicious'): string {
  return [...head('VirusMap vote', about), `verdict: ${verdict}`].join('\n')
}

function head(title: string, about: About): string[] {
  return [
    title,
    `chain: ${about.chainId}`,
    `account: ${about.account}`,
    `item: ${about.item}/${about.id}`,
    `time: ${about.time.toISOString().replace(/\.\d{3}Z$/, 'Z')}`,
  ]
}
