import type { MessageInitShape } from '@bufbuild/protobuf'
import type { PageRequestSchema, PageResponse } from './gen/cosmos/base/query/v1beta1/pagination_pb'

type Page = MessageInitShape<typeof PageRequestSchema>

const pageSize = 100n
/** Lists end here: a page shows no more, and a node must not make it ask for ever. */
const maxPages = 20

/** Asks for page after page, and returns the items of all. */
export async function all<Item, Answer extends { pagination?: PageResponse }>(
  ask: (page: Page) => Promise<Answer>, items: (answer: Answer) => Item[],
): Promise<Item[]> {
  const found: Item[] = []
  let key = new Uint8Array()
  for (let page = 0; page < maxPages; page++) {
    const answer = await ask({ key, limit: pageSize })
    found.push(...items(answer))
    key = new Uint8Array(answer.pagination?.nextKey ?? [])
    if (key.length === 0) break
  }
  return found
}
