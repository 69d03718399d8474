import type { ReportAttributes } from '../api/types'
import { toneOf } from './categories'

/**
 * The label to show beside the outcome. Where the operators found that an item is not malicious,
 * the label of a single engine would contradict the outcome, so none is shown.
 */
export function threatLabel(attributes: ReportAttributes): string {
  const outcome = attributes.virusmap?.outcome
  const detected = outcome
    ? outcome === 'malicious' || outcome === 'suspicious'
    : ['danger', 'warning'].includes(toneOf(attributes.last_analysis_stats ?? {}))
  return (detected && attributes.popular_threat_classification?.suggested_threat_label) || ''
}
