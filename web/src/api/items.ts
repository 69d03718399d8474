import { at, request, uiBase } from './client'
import type {
  AnalysisAttributes,
  AnalysisMeta,
  CommentAttributes,
  List,
  One,
  ReportAttributes,
  VoteAttributes,
} from './types'

/** Collections of the API that hold items with relations, comments and votes. */
export type Kind = 'files' | 'urls' | 'domains' | 'ip_addresses' | 'collections'

/** Rows that are asked for at a time. */
export const pageSize = 20

export type Report = One<ReportAttributes>

export function item(kind: Kind, id: string, signal?: AbortSignal): Promise<Report> {
  return request<Report>(at(uiBase, kind, id), { signal })
}

/** Whether the node knows a file. A search finds nothing without an error, as a look-up would. */
export async function isKnown(sha256: string, signal?: AbortSignal): Promise<boolean> {
  const answer = await search(sha256, undefined, signal)
  return (answer.data ?? []).some((one) => one.type === 'file' && one.id === sha256)
}

/** Has an item analysed anew. */
export function analyse(kind: 'files' | 'urls', id: string, consent?: number): Promise<One<AnalysisAttributes>> {
  const headers: Record<string, string> = consent === undefined ? {} : { 'X-Virusmap-Consent': String(consent) }
  return request(at(uiBase, kind, id, 'analyse'), { method: 'POST', headers })
}

/** Submits a URL. */
export function submitUrl(
  url: string,
  consent: number,
  contributor?: string,
): Promise<One<AnalysisAttributes, AnalysisMeta>> {
  const body = new URLSearchParams({ url })
  if (contributor) body.set('contributor', contributor)
  const headers = {
    'X-Virusmap-Channel': contributor ? 'wallet' : 'web',
    'X-Virusmap-Consent': String(consent),
  }
  return request(at(uiBase, 'urls'), { method: 'POST', body, headers })
}

/** One page of what an item is related to; of some relations there is one at most, or none. */
export async function related<A = ReportAttributes>(
  kind: Kind,
  id: string,
  relationship: string,
  cursor?: string,
  signal?: AbortSignal,
): Promise<List<A>> {
  const answer = await request<One<A> | List<A>>(at(uiBase, kind, id, relationship) + paging(cursor), { signal })
  const { data } = answer
  return Array.isArray(data) ? (answer as List<A>) : { data: data ? [data] : [] }
}

export function search(query: string, cursor?: string, signal?: AbortSignal): Promise<List<ReportAttributes>> {
  const parameters = new URLSearchParams({ query, limit: String(pageSize) })
  if (cursor) parameters.set('cursor', cursor)
  return request(`${uiBase}/search?${parameters}`, { signal })
}

export function comments(kind: Kind, id: string, cursor?: string, signal?: AbortSignal): Promise<List<CommentAttributes>> {
  return related<CommentAttributes>(kind, id, 'comments', cursor, signal)
}

export function votes(kind: Kind, id: string, signal?: AbortSignal): Promise<List<VoteAttributes>> {
  return related<VoteAttributes>(kind, id, 'votes', undefined, signal)
}

/** What a wallet signed. */
export interface Signature {
  statement: string
  pub_key: string
  signature: string
}

export function comment(kind: Kind, id: string, text: string, signed: Signature): Promise<One<CommentAttributes>> {
  const body = { data: { type: 'comment', attributes: { text } }, signed }
  return request(at(uiBase, kind, id, 'comments'), { method: 'POST', body })
}

export function vote(
  kind: Kind,
  id: string,
  verdict: 'harmless' | 'malicious',
  signed: Signature,
): Promise<One<VoteAttributes>> {
  const body = { data: { type: 'vote', attributes: { verdict } }, signed }
  return request(at(uiBase, kind, id, 'votes'), { method: 'POST', body })
}

export function collections(cursor?: string, signal?: AbortSignal): Promise<List<ReportAttributes>> {
  return request(at(uiBase, 'collections') + paging(cursor), { signal })
}

export interface Relationship {
  name: string
  description?: string
}

let described: Promise<Record<string, Relationship[]>> | undefined

/** The relations that each type of item has, asked once. */
export function relationships(): Promise<Record<string, Relationship[]>> {
  described ??= request<{ data?: { relationships?: Record<string, Relationship[]> } }>(at(uiBase, 'metadata'))
    .then((answer) => answer.data?.relationships ?? {})
    .catch((error: unknown) => {
      described = undefined
      throw error
    })
  return described
}

function paging(cursor?: string): string {
  const parameters = new URLSearchParams({ limit: String(pageSize) })
  if (cursor) parameters.set('cursor', cursor)
  return `?${parameters}`
}
