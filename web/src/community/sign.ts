import type { Signature } from '../api/items'
import { info } from '../api/node'
import { commentStatement, voteStatement, type About, type Item } from './statement'

/** Has the connected wallet sign a comment. */
export async function signComment(account: string, item: Item, id: string, text: string): Promise<Signature> {
  return sign(commentStatement(await about(account, item, id), text))
}

/** Has the connected wallet sign a vote. */
export async function signVote(
  account: string,
  item: Item,
  id: string,
  verdict: 'harmless' | 'malicious',
): Promise<Signature> {
  return sign(voteStatement(await about(account, item, id), verdict))
}

async function about(account: string, item: Item, id: string): Promise<About> {
  return { chainId: (await info()).chain_id, account, item, id, time: new Date() }
}

async function sign(statement: string): Promise<Signature> {
  const { signStatement } = await import('../wallet')
  return signStatement(statement)
}
