import type { Category, EngineResult, Outcome, Stats } from '../api/types'
import type { IconName } from '../ui/Icon.svelte'
import type { Tone } from '../ui/toasts.svelte'

/** Categories from the worst to those that say nothing about the item. */
export const categories: readonly Category[] = [
  'malicious',
  'suspicious',
  'harmless',
  'undetected',
  'type-unsupported',
  'timeout',
  'confirmed-timeout',
  'failure',
]

export const categoryLook: Record<Category, [Tone, IconName]> = {
  malicious: ['danger', 'alert'],
  suspicious: ['warning', 'question'],
  harmless: ['success', 'check'],
  undetected: ['success', 'check'],
  'type-unsupported': ['neutral', 'dash'],
  timeout: ['neutral', 'clock'],
  'confirmed-timeout': ['neutral', 'clock'],
  failure: ['neutral', 'cross'],
}

export const outcomeLook: Record<Outcome, [Tone, IconName]> = {
  malicious: ['danger', 'alert'],
  suspicious: ['warning', 'question'],
  clean: ['success', 'check'],
  undetermined: ['neutral', 'question'],
  invalid: ['neutral', 'cross'],
}

/** How many engines detect something, of those that gave an opinion. */
export function ratio(stats: Stats): { detections: number; engines: number } {
  const count = (category: Category) => Number(stats[category] ?? 0)
  const detections = count('malicious') + count('suspicious')
  return { detections, engines: detections + count('harmless') + count('undetected') }
}

/** The tone of a ratio without an outcome of the chain. */
export function toneOf(stats: Stats): Tone {
  if (Number(stats.malicious ?? 0) > 0) return 'danger'
  if (Number(stats.suspicious ?? 0) > 0) return 'warning'
  return ratio(stats).engines > 0 ? 'success' : 'neutral'
}

export interface EngineRow extends EngineResult {
  /** Key in the map of results, unique: an engine that several operators run has "@" and theirs. */
  key: string
  /** The engine's own name. */
  name: string
  /** The operator's name, "" where it is not part of the key. */
  moniker: string
}

function namesOf(key: string, { engine, operator }: EngineResult): { name: string; moniker: string } {
  if (!engine || !operator || !key.startsWith(`${engine}@`)) return { name: key, moniker: '' }
  const moniker = key.slice(engine.length + 1)
  return { name: engine, moniker: moniker === operator ? '' : moniker }
}

/** Rows of the engine table that fit a filter. Text is looked for in what is shown. */
export function engineRows(
  results: Record<string, EngineResult>,
  text = '',
  category: Category | '' = '',
): EngineRow[] {
  const wanted = text.trim().toLowerCase()
  return Object.entries(results)
    .map(([key, result]) => ({ ...result, key, ...namesOf(key, result) }))
    .filter((row) => !category || row.category === category)
    .filter((row) =>
      [row.key, row.engine_name, row.result, row.operator, row.engine_version].some((part) =>
        part?.toLowerCase().includes(wanted),
      ),
    )
}

/** A date of signatures as YYYY-MM-DD: the API writes YYYYMMDD. */
export function signatureDate(update?: string): string {
  return update?.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3') ?? ''
}
