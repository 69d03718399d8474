import { changed } from './router'

/**
 * Remembers how far down each page of the history was read. Pages ask for what they show, so
 * the browser's own way comes too early.
 */
export function keepScrolling(): void {
  history.scrollRestoration = 'manual'
  let timer: ReturnType<typeof setTimeout> | undefined
  addEventListener('scroll', () => {
    clearTimeout(timer)
    timer = setTimeout(() => history.replaceState({ scroll: scrollY }, ''), 100)
  }, { passive: true })
  addEventListener('popstate', (event) => {
    clearTimeout(timer)
    void scrollWhenThere(Number((event.state as { scroll?: number } | null)?.scroll ?? 0))
  })
  const { scroll } = (history.state ?? {}) as { scroll?: number }
  if (scroll) void scrollWhenThere(scroll)
}

const patienceMilliseconds = 3000

/** Scrolls as soon as the page is long enough, unless the person scrolls or presses a key first. */
async function scrollWhenThere(top: number): Promise<void> {
  const gone = new AbortController()
  for (const name of ['wheel', 'touchstart', 'keydown', changed, 'popstate']) {
    addEventListener(name, () => gone.abort(), { signal: gone.signal, passive: true })
  }
  const end = Date.now() + patienceMilliseconds
  do {
    await new Promise((resolve) => setTimeout(resolve, 50))
    if (gone.signal.aborted) return
    scrollTo(0, top)
  } while (scrollY < top - 1 && Date.now() < end)
  gone.abort()
}
