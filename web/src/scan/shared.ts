/** What another app shared with the installed page. */
export interface Shared {
  files: File[]
  text: string
}

/** Takes what the service worker has kept; it is gone afterwards. */
export async function takeShared(): Promise<Shared> {
  const shared: Shared = { files: [], text: '' }
  if (!('caches' in globalThis) || !(await caches.has('shared'))) return shared
  const cache = await caches.open('shared')
  for (const request of await cache.keys()) {
    const kept = await cache.match(request)
    if (!kept) continue
    if (new URL(request.url).pathname === '/shared/text') {
      shared.text = await kept.text()
      continue
    }
    const name = decodeURIComponent(kept.headers.get('X-Name') ?? 'shared')
    shared.files.push(new File([await kept.blob()], name, { type: kept.headers.get('Content-Type') ?? '' }))
  }
  await caches.delete('shared')
  return shared
}

/** The link in a shared text: apps put it behind a title. */
export function linkIn(text: string): string {
  return /https?:\/\/\S+/i.exec(text)?.[0] ?? text.trim()
}
