import type { ReportAttributes, Resource } from '../api/types'
import { path } from '../router'
import { shortened } from '../ui/shorten'
import type { IconName } from '../ui/Icon.svelte'

/** How one resource of any type stands in a list. */
export interface Entry {
  key: string
  icon: IconName
  /** Its name, or its id when it has none. */
  title: string
  /** Set when the title is an id that is too long to show whole. */
  long: boolean
  /** Page of the resource; none for types without one. */
  href?: string
}

const icons: Record<string, IconName> = {
  file: 'file',
  url: 'url',
  domain: 'domain',
  ip_address: 'ip',
  collection: 'collection',
  comment: 'comment',
  analysis: 'clock',
}

export function entryOf(resource: Resource<ReportAttributes>): Entry {
  const { type, id, attributes = {} } = resource
  const icon = icons[type] ?? 'dash'
  const key = `${type}/${id}`
  const text = (name: string) => (typeof attributes[name] === 'string' ? (attributes[name] as string) : '')
  switch (type) {
    case 'file': {
      const name = text('meaningful_name')
      return { key, icon, title: name || id, long: !name, href: path('/file/:hash', { hash: id }) }
    }
    case 'url':
      return { key, icon, title: text('url') || id, long: !text('url'), href: path('/url/:id', { id }) }
    case 'domain':
      return { key, icon, title: id, long: false, href: path('/domain/:d', { d: id }) }
    case 'ip_address':
      return { key, icon, title: id, long: false, href: path('/ip/:ip', { ip: id }) }
    case 'collection':
      return { key, icon, title: text('name') || id, long: false, href: path('/collection/:id', { id }) }
    case 'analysis':
      return { key, icon, title: id, long: true, href: path('/analysis/:id', { id }) }
    case 'resolution':
      return { key, icon: 'domain', title: `${text('host_name')} → ${text('ip_address')}`, long: false }
    case 'comment':
      return { key, icon, title: shortened(text('text'), 200, 0) || id, long: false, href: commented(id) }
    default:
      return { key, icon, title: id, long: id.length > 40 }
  }
}

/** The page that a comment stands on. Its id begins with a letter for the type of the item, and the item's id. */
function commented(id: string): string | undefined {
  const [, type, item] = /^([fudic])-(.+)-[0-9a-f]+$/.exec(id) ?? []
  const pages: Record<string, string> = { f: '/file/:id', u: '/url/:id', d: '/domain/:id', i: '/ip/:id', c: '/collection/:id' }
  const page = type && pages[type]
  return page && item ? `${path(page, { id: item })}#community` : undefined
}
