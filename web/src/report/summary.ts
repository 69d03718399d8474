import type { ReportAttributes, Stats } from '../api/types'
import { number, t } from '../i18n'
import type { IconName } from '../ui/Icon.svelte'
import type { Tone } from '../ui/toasts.svelte'
import { outcomeLook, ratio, toneOf } from './categories'

/** A report at a glance. */
export interface Summary {
  tone: Tone
  icon?: IconName
  headline: string
  /** What the ring shows: how many of how many. */
  detections: number
  engines: number
  /** The same in words. */
  words: string
}

/** What was judged is summed up by its verdicts, a host by the URLs at it. */
export function summaryOf(attributes: ReportAttributes): Summary {
  const urls = (attributes.virusmap as { urls?: HostUrls } | undefined)?.urls
  if (urls && !attributes.last_analysis_date) return ofHost(urls)
  const stats = attributes.last_analysis_stats ?? {}
  const counted = ratio(stats)
  const outcome = attributes.virusmap?.outcome
  const look = outcome ? outcomeLook[outcome] : undefined
  return {
    tone: look?.[0] ?? toneOf(stats),
    icon: look?.[1],
    headline: outcome ? t(`outcome.${outcome}`) : attributes.last_analysis_date ? told(stats) : t('outcome.waiting'),
    ...counted,
    words:
      counted.engines > 0
        ? t('report.ratio', { detections: number(counted.detections), engines: number(counted.engines) })
        : t('report.ratio.none'),
  }
}

/** What engines say where no round has an outcome, as of a private file. */
function told(stats: Stats): string {
  if (stats.malicious) return t('told.malicious')
  if (stats.suspicious) return t('told.suspicious')
  return t(ratio(stats).engines > 0 ? 'told.nothing' : 'outcome.none')
}

/** URLs at a domain or address: all of them, and the outcomes of the newest. */
interface HostUrls {
  total?: number
  newest?: number
  malicious?: number
  suspicious?: number
}

function ofHost(urls: HostUrls): Summary {
  const [malicious, suspicious, newest] = [urls.malicious, urls.suspicious, urls.newest].map((n) => Number(n ?? 0)) as [number, number, number]
  const worst = malicious > 0 ? 'malicious' : suspicious > 0 ? 'suspicious' : newest > 0 ? 'clean' : 'unknown'
  const [tone, icon] = worst === 'malicious' || worst === 'suspicious' ? outcomeLook[worst] : (['neutral', undefined] as const)
  const detections = malicious + suspicious
  return {
    tone,
    icon,
    headline: t(`host.${worst}`),
    detections,
    engines: newest,
    words: newest > 0 ? t('host.ratio', { detections: number(detections), urls: number(newest) }) : t('host.ratio.none'),
  }
}
