import { readable, type Readable } from 'svelte/store'

/** The parameters of a path that fits the pattern, or null. They are decoded. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.replace(/(?<=.)\/$/, '').split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? ''
    if (!part.startsWith(':')) {
      if (part !== value) return null
      continue
    }
    const decoded = decode(value)
    if (!decoded) return null
    params[part.slice(1)] = decoded
  }
  return params
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null // a lone % is nobody's page
  }
}

/** The first of the routes that fits, with its parameters. */
export function resolve<R extends { pattern: string }>(
  routes: readonly R[],
  path: string,
): { route: R; params: Record<string, string> } | null {
  for (const route of routes) {
    const params = match(route.pattern, path)
    if (params) return { route, params }
  }
  return null
}

/** Builds a path of one pattern; parameters are encoded. */
export function path(pattern: string, params: Record<string, string>): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

/** The event of a change that the browser itself does not tell. */
export const changed = 'virusmap:navigate'

/** The address shown now. */
export const address: Readable<URL> = readable<URL>(new URL('http://localhost/'), (set) => {
  const update = () => set(new URL(location.href))
  update()
  addEventListener('popstate', update)
  addEventListener(changed, update)
  return () => {
    removeEventListener('popstate', update)
    removeEventListener(changed, update)
  }
})

/** Goes to a path of this application without loading the document anew. */
export function navigate(to: string, { replace = false } = {}): void {
  const target = new URL(to, location.href)
  if (target.origin !== location.origin) throw new Error(`navigate: ${to} is not a page of this application`)
  if (replace) {
    history.replaceState(history.state, '', target)
  } else {
    history.replaceState({ scroll: scrollY }, '')
    history.pushState(null, '', target)
    scrollTo(0, 0)
  }
  dispatchEvent(new Event(changed))
}

/** The path that a click on a link leads to inside the application, or null when the browser is to follow it. */
export function internal(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null
  const link = (event.target as Element | null)?.closest('a')
  if (!link?.href || link.target || link.hasAttribute('download')) return null
  const target = new URL(link.href)
  if (target.origin !== location.origin || served.test(target.pathname)) return null
  if (target.hash && target.pathname === location.pathname && target.search === location.search) return null
  return target.pathname + target.search + target.hash
}

/** Paths that the node answers itself. */
const served = /^\/(ui|api|vtapi|chain|virusmap|docs|ipfs|metrics|healthz)(\/|$)/
