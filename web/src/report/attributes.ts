/** Attributes that other parts of the page show. */
const elsewhere = new Set(['last_analysis_results', 'last_analysis_stats', 'virusmap', 'tags'])

/** The order of what people look for first; all else follows by name. */
const first = [
  'url',
  'last_final_url',
  'meaningful_name',
  'names',
  'type_description',
  'type_tag',
  'popular_threat_classification',
  'magic',
  'size',
  'md5',
  'sha1',
  'sha256',
  'ssdeep',
  'tlsh',
  'authentihash',
  'first_submission_date',
  'last_submission_date',
  'last_analysis_date',
  'last_modification_date',
  'times_submitted',
  'unique_sources',
  'reputation',
  'total_votes',
]

/** Attributes of an item that are worth a row, in reading order. */
export function rowsOf(attributes: Record<string, unknown>): [string, unknown][] {
  const rank = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length)
  return Object.entries(attributes)
    .filter(([name, value]) => !elsewhere.has(name) && !isBlank(value))
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
}

export function isBlank(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** "last_dns_records" as "Last dns records", for names without a text of their own. */
export function readable(name: string): string {
  const words = name.replace(/_/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** How a value is shown, told by its name as JSON has no dates. */
export function formOf(name: string, value: unknown): 'date' | 'size' | 'hash' | 'list' | 'tree' | 'plain' {
  if (typeof value === 'object' && value !== null) {
    const simple = Array.isArray(value) && value.every((one) => typeof one !== 'object')
    return simple ? 'list' : 'tree'
  }
  if (/(^|_)(date|timestamp)$/.test(name) && Number(value) > 0) return 'date'
  if (/^(file_)?size(_bytes)?$/.test(name) && Number.isFinite(Number(value))) return 'size'
  if (/^(md5|sha1|sha256|thumbprint|thumbprint_sha256|sha512|ssdeep|tlsh|vhash|authentihash|imphash|cid)$/.test(name)) return 'hash'
  return 'plain'
}
