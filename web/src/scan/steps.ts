import { path } from '../router'
import type { Analysis, Lane } from './watch'

export type StepName = 'received' | 'chain' | 'commit' | 'reveal' | 'final'

export interface Step {
  name: StepName
  state: 'done' | 'now' | 'open' | 'failed'
  /** Answers that came, of those that are waited for. */
  count?: { have: number; want: number }
  /** Round on the chain that the step belongs to. */
  round?: number
}

/** How many steps are done in each status of a round (virusmap.verdicts.v1.RoundStatus). */
const doneInRound: Record<string, number> = { commit: 2, reveal: 3, tally: 4, final: 4, void: 2 }

/** How far an analysis is: received → on chain → answers committed → revealed → final. */
export function stepsOf(a: Analysis): Step[] {
  const attributes = a.data.attributes
  const chain = attributes?.virusmap
  const submission = a.meta?.virusmap?.submission
  const names: StepName[] = ['received', 'chain', 'commit', 'reveal', 'final']
  let done = 1
  if (submission === 'on-chain') done = 2
  if (chain?.round) done = Math.max(done, doneInRound[chain.round_status ?? ''] ?? 2)
  if (attributes?.status === 'completed') done = names.length
  return names.map((name, i) => {
    const step: Step = { name, state: i < done ? 'done' : i === done ? 'now' : 'open' }
    if (submission === 'refused' && name === 'chain') step.state = 'failed'
    if (submission === 'refused' && i > 1) step.state = 'open'
    if (chain?.round && (name === 'commit' || name === 'reveal')) step.round = Number(chain.round)
    if (chain?.seats && name === 'reveal') {
      step.count = { have: Number(chain.attestations ?? 0), want: Number(chain.seats) }
    }
    return step
  })
}

/** What an analysis is about, and the page of its report. */
export function subjectOf(a: Analysis, lane: Lane): { id: string; label: string; href: string } | null {
  const file = a.meta?.file_info
  if (file) {
    const page = path('/file/:hash', { hash: file.sha256 })
    return { id: file.sha256, label: 'SHA-256', href: lane === 'private' ? `${page}?lane=private` : page }
  }
  const url = a.meta?.url_info
  if (url) return { id: url.url ?? url.id, label: 'URL', href: path('/url/:id', { id: url.id }) }
  return null
}
