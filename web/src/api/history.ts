import { at, nodeBase, request, uiBase } from './client'
import { ApiError } from './errors'
import type { Kind } from './items'
import type { List, Outcome, Stats } from './types'

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
/** Rounds of a page, the most that the node gives. */
const pageSize = 40

/** All rounds of an item, oldest first: from this node's index, or else from the chain. */
export async function history(kind: Kind, id: string, signal?: AbortSignal): Promise<Past[]> {
  try {
    return await ofNode(kind, id, signal)
  } catch (error) {
    if (error instanceof ApiError && error.notFound) return ofChain(id, signal)
    throw error
  }
}

/**
 * Reads rows, oldest first: resources whose id is the round, as the node's index has them, or
 * bare ones, as the chain has them. Numbers may be strings.
 */
export function rounds(answer: unknown): Past[] {
  const data = (answer as { data?: unknown }).data ?? answer
  const byRound = new Map<number, Past>()
  for (const row of (Array.isArray(data) ? data : []) as { id?: unknown; attributes?: object; round?: unknown }[]) {
    const { stage, date, outcome, stats } = (row.attributes ?? row) as Past
    const round = Number(row.attributes ? row.id : row.round)
    if (Number.isInteger(round)) byRound.set(round, { round, stage, date: Number(date) || undefined, outcome, stats })
  }
  return [...byRound.values()].sort((a, b) => a.round - b.round)
}

async function ofNode(kind: Kind, id: string, signal?: AbortSignal): Promise<Past[]> {
  const all: unknown[] = []
  let cursor = ''
  for (let page = 0; page < maxPages; page++) {
    const query = new URLSearchParams({ limit: String(pageSize), ...(cursor && { cursor }) })
    const answer = await request<List>(`${at(uiBase, kind, id, 'history')}?${query}`, { signal })
    all.push(...(answer.data ?? []))
    cursor = answer.meta?.cursor ?? ''
    if (!cursor) break
  }
  return rounds(all)
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
