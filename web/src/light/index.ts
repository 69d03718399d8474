/**
 * Checks a report against the chain without trusting the server it came from, in a page,
 * a worker or on the command line; the Go package supernode/chain/light does the same.
 * Headers are followed from one trusted block; records are read with ICS-23 proofs under
 * a header's app hash; the answers of the engines are recomputed from Merkle roots in
 * those records.
 */
import { Check } from './check'
import { readConfig, type Config } from './config'
import { messageOf, Refuted, Unverifiable } from './errors'
import { readReport } from './report'
import { attested, engines, outcome, stats, verdicts, weights } from './verdict-claims'
import { Verifier } from './verifier'

export type { Config } from './config'
export { Unverifiable } from './errors'

/** One statement about the report. */
export interface Claim {
  name: string
  ok: boolean
  detail: string
}

export interface Result {
  /** Whether every claim holds. */
  ok: boolean
  sha256: string
  /** Height of the proved state; 0 when no header was proved. */
  height: number
  /** In the order they were checked; a claim that hangs on a failed one fails too. */
  claims: Claim[]
  /** What no claim covers, in words for the reader. */
  unproved: string[]
}

/** What no claim covers. */
export const unproved = [
  'that the engines were right: the chain records what they said',
  "which program an operator ran under an engine's name, version and signature digest",
  'names, tags, MD5, SHA-1, dates and every other attribute that is not in a claim',
  'that no newer round ended after the proved height',
]

const maxMilliseconds = 5 * 60_000

/** In order. A step with a failed predecessor in needs is not run. */
const steps: { name: string; needs: string[]; run: (check: Check) => string | Promise<string> }[] = [
  { name: 'header', needs: [], run: (check) => check.header() },
  { name: 'fresh', needs: ['header'], run: (check) => check.fresh() },
  { name: 'chain', needs: [], run: (check) => check.chain() },
  { name: 'sample', needs: ['header'], run: (check) => check.sample() },
  { name: 'newest', needs: ['header'], run: (check) => check.newest() },
  { name: 'round', needs: ['newest'], run: (check) => check.readRound() },
  { name: 'member', needs: ['round'], run: (check) => check.member() },
  { name: 'attestations', needs: ['member'], run: attested },
  { name: 'weights', needs: ['attestations'], run: weights },
  { name: 'engines', needs: ['attestations'], run: engines },
  { name: 'verdicts', needs: ['attestations'], run: verdicts },
  { name: 'stats', needs: ['attestations'], run: stats },
  { name: 'outcome', needs: ['weights'], run: outcome },
]

/**
 * Checks a file or URL object of the VirusTotal v3 API, bare or inside {data: …}, and
 * tells each claim as soon as it is checked. What is false is a failed claim. It throws
 * Unverifiable for what could not be checked, such as servers that do not answer, and the
 * signal's reason when that is aborted.
 */
export async function verifyReport(
  config: Config,
  report: unknown,
  onClaim: (claim: Claim) => void,
  signal?: AbortSignal,
): Promise<Result> {
  signal?.throwIfAborted()
  const limit = AbortSignal.timeout(maxMilliseconds)
  const both = signal ? AbortSignal.any([signal, limit]) : limit
  const check = new Check(new Verifier(readConfig(config), both), readReport(report))
  const claims: Claim[] = []
  const failed = new Set<string>()
  for (const { name, needs, run } of steps) {
    const missing = needs.find((need) => failed.has(need))
    const claim = missing
      ? { name, ok: false, detail: `not checked, because ${missing} failed` }
      : await settle(name, () => run(check), signal, limit)
    if (!claim.ok) failed.add(name)
    claims.push(claim)
    onClaim(claim)
  }
  return {
    ok: claims.every(({ ok }) => ok),
    sha256: check.report.sha256,
    height: failed.has('header') ? 0 : Number(check.height),
    claims,
    unproved: [...unproved],
  }
}

/** Runs one step; what is neither true nor false is thrown. */
async function settle(
  name: string,
  run: () => string | Promise<string>,
  signal: AbortSignal | undefined,
  limit: AbortSignal,
): Promise<Claim> {
  try {
    signal?.throwIfAborted()
    return { name, ok: true, detail: await run() }
  } catch (error) {
    signal?.throwIfAborted()
    if (limit.aborted) throw new Unverifiable(`${name}: it takes longer than ${maxMilliseconds / 60_000} minutes`)
    if (error instanceof Refuted) return { name, ok: false, detail: error.message }
    throw new Unverifiable(`${name}: ${messageOf(error)}`)
  }
}
