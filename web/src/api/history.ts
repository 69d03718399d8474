import { at, nodeBase, request, uiBase } from './client'
import { ApiError } from './errors'
import type { Kind } from './items'
import type { Outcome, Stats } from './types'

/** One round in which an item was judged. What is not known of it is absent. */
export interface Past {
  round: number
  stage?: number | string
  /** When it ended, in unix seconds. */
  date?: number
  outcome?: Outcome
  stats?: Stats
}

const maxPages = 20

/** All rounds of an item, oldest first: from this node's index, or else from the chain. */
export async function history(kind: Kind, id: string, signal?: AbortSignal): Promise<Past[]> {
  try {
    return rounds(await request<{ data?: unknown }>(at(uiBase, kind, id, 'history'), { signal }))
  } catch (error) {
    if (error instanceof ApiError && error.notFound) return ofChain(id, signal)
    throw error
  }
}

/** Reads rows, which come as resources or bare, with numbers that may be strings. */
export function rounds(answer: unknown): Past[] {
  const data = (answer as { data?: unknown }).data ?? answer
  return (Array.isArray(data) ? data : [])
    .map((row: { attributes?: unknown }) => (row.attributes ?? row) as Past)
    .map((past) => ({ ...past, round: Number(past.round), date: Number(past.date) || undefined }))
    .sort((a, b) => a.round - b.round)
}

async function ofChain(id: string, signal?: AbortSignal): Promise<Past[]> {
  const all: Past[] = []
  let token = ''
  for (let page = 0; page < maxPages; page++) {
    const query = token ? `?page_token=${encodeURIComponent(token)}` : ''
    const answer = await request<{ entries?: unknown; next_page_token?: string }>(
      at(nodeBase, 'reports', id, 'history') + query,
      { signal },
    )
    all.push(...rounds(answer.entries ?? []))
    token = answer.next_page_token ?? ''
    if (!token) break
  }
  return all.sort((a, b) => a.round - b.round)
}
