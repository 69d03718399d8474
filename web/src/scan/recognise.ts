import { path } from '../router'

export type Kind = 'hash' | 'url' | 'domain' | 'ip' | 'text'

/** What a person pasted, and the page that knows most about it. */
export interface Recognised {
  kind: Kind
  /** The text as the API takes it: trimmed, refanged, hashes and names in lower case. */
  value: string
  path: string
}

const hash = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i
const scheme = /^(?:https?|ftp):\/\//i
const label = '[a-z0-9_\\p{L}](?:[a-z0-9_\\p{L}\\p{M}-]{0,61}[a-z0-9\\p{L}\\p{M}])?'
const domain = new RegExp(`^(?:${label}\\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59}|\\p{L}[\\p{L}\\p{M}]{1,62})\\.?$`, 'iu')

/** Tells what a text is: a hash, a URL, a domain, an IP address, or something to search for. */
export function recognise(text: string): Recognised {
  const value = refang(text.trim())
  if (hash.test(value)) {
    const lower = value.toLowerCase()
    return { kind: 'hash', value: lower, path: path('/file/:hash', { hash: lower }) }
  }
  if (isIp(value)) {
    const ip = value.replace(/^\[|\]$/g, '').toLowerCase()
    return { kind: 'ip', value: ip, path: path('/ip/:ip', { ip }) }
  }
  if (isUrl(value)) return { kind: 'url', value, path: searchPath(value) }
  if (value.length <= 253 && domain.test(value)) {
    const d = value.toLowerCase().replace(/\.$/, '')
    return { kind: 'domain', value: d, path: path('/domain/:d', { d }) }
  }
  // "example.com/path" and "192.0.2.1:8080/x" are addresses that were typed without a scheme.
  if (/^[^\s/@]+(?::\d{1,5})?\/\S*$/.test(value) && isUrl(`http://${value}`) && isHost(value.split(/[/:]/)[0] ?? '')) {
    return { kind: 'url', value: `http://${value}`, path: searchPath(`http://${value}`) }
  }
  return { kind: 'text', value, path: searchPath(value) }
}

/** Analysts write "hxxp://evil[.]example" so that nobody follows it by accident. */
function refang(text: string): string {
  return text
    .replace(/^(\w+|h\*\*ps?)\[(:(?:\/\/)?)\]/, '$1$2')
    .replace(/^h(?:xx|\*\*)p(s?)(?=:\/\/)/i, 'http$1')
    .replace(/\[\.\]|\(\.\)|\{\.\}/g, '.')
}

function isUrl(text: string): boolean {
  if (!scheme.test(text) || /\s/.test(text)) return false
  try {
    return new URL(text).hostname !== ''
  } catch {
    return false
  }
}

function isHost(text: string): boolean {
  return isIp(text) || domain.test(text)
}

function isIp(text: string): boolean {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (v4) return v4.slice(1).every((part) => Number(part) <= 255 && String(Number(part)) === part)
  const v6 = text.replace(/^\[|\]$/g, '')
  if (!v6.includes(':') || !/^[0-9a-f:.]+$/i.test(v6)) return false
  try {
    return new URL(`http://[${v6}]/`).hostname !== ''
  } catch {
    return false
  }
}

function searchPath(query: string): string {
  return `/search?q=${encodeURIComponent(query)}`
}
