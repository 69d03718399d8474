import type { Component } from 'svelte'

/** What every page gets: the parts of its path and the query of the address. */
export interface PageProps {
  params: Record<string, string>
  query: URLSearchParams
}

export interface Route {
  /** A path whose parts that begin with a colon are parameters. */
  pattern: string
  /** A page takes PageProps, or as much of them as it needs. */
  load: () => Promise<{ default: Component<any> }>
}

/** The pages of the application. */
export const routes: Route[] = [
  { pattern: '/', load: () => import('./pages/Home.svelte') },
  { pattern: '/file/:hash', load: () => import('./pages/File.svelte') },
  { pattern: '/url/:id', load: () => import('./pages/Url.svelte') },
  { pattern: '/domain/:d', load: () => import('./pages/Domain.svelte') },
  { pattern: '/ip/:ip', load: () => import('./pages/Ip.svelte') },
  { pattern: '/analysis/:id', load: () => import('./pages/Analysis.svelte') },
  { pattern: '/search', load: () => import('./pages/Search.svelte') },
  { pattern: '/collections', load: () => import('./pages/Collections.svelte') },
  { pattern: '/collection/:id', load: () => import('./pages/Collection.svelte') },
  { pattern: '/supernodes', load: () => import('./pages/Supernodes.svelte') },
  { pattern: '/supernode/:operator', load: () => import('./pages/Supernode.svelte') },
  { pattern: '/bounties', load: () => import('./pages/Bounties.svelte') },
  { pattern: '/bounty/:id', load: () => import('./pages/Bounty.svelte') },
  { pattern: '/rewards', load: () => import('./pages/Rewards.svelte') },
  { pattern: '/market', load: () => import('./pages/Market.svelte') },
  { pattern: '/order/:id', load: () => import('./pages/Order.svelte') },
  { pattern: '/statistics', load: () => import('./pages/Statistics.svelte') },
  { pattern: '/wallet', load: () => import('./pages/Wallet.svelte') },
  { pattern: '/share', load: () => import('./pages/Share.svelte') },
  { pattern: '/about', load: () => import('./pages/About.svelte') },
]
