/// <reference lib="webworker" />
// The service worker: keeps the build for use offline, and takes in what is shared with
// the installed app. It never keeps an answer of the node.

export {} // a module: its names are its own

declare const self: ServiceWorkerGlobalScope
declare const PRECACHE: { version: string; files: string[] } // written by vite/service-worker.ts

const cacheName = `build-${PRECACHE.version}`
const sharedCache = 'shared'
const shell = '/index.html'
const maxShared = 20

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(PRECACHE.files))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldBuilds().then(() => self.clients.claim()))
})

async function dropOldBuilds(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('build-') && name !== cacheName) await caches.delete(name)
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== location.origin || served(url.pathname)) return
  if (request.method === 'POST' && url.pathname === '/share') event.respondWith(takeShared(request))
  else if (request.method !== 'GET') return
  else if (request.mode === 'navigate') event.respondWith(page(request))
  else event.respondWith(asset(request))
})

/** Paths that the node answers itself, every time anew. */
function served(path: string): boolean {
  return /^\/(ui|api|vtapi|chain|virusmap|docs|ipfs|metrics|healthz)(\/|$)/.test(path)
}

/** The newest page there is; without a connection the one that was kept. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch {
    return (await caches.match(shell, { cacheName })) ?? Response.error()
  }
}

async function asset(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName })) ?? fetch(request)
}

/** Keeps what was shared until the page has taken it, as a POST cannot be passed on. */
async function takeShared(request: Request): Promise<Response> {
  const form = await request.formData()
  await caches.delete(sharedCache)
  const cache = await caches.open(sharedCache)
  const files = form.getAll('files').filter((part) => part instanceof File)
  for (const [i, file] of files.slice(0, maxShared).entries()) {
    const headers = { 'X-Name': encodeURIComponent(file.name), 'Content-Type': file.type || 'application/octet-stream' }
    await cache.put(`/shared/file/${i}`, new Response(file, { headers }))
  }
  const text = ['url', 'text', 'title'].map((name) => form.get(name)).find((part) => typeof part === 'string' && part)
  if (typeof text === 'string') await cache.put('/shared/text', new Response(text.slice(0, 4096)))
  return Response.redirect('/share', 303)
}
