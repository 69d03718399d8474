import { bytes, t } from '../i18n'
import { Job, type Terms } from './job.svelte'
import { unfinished } from './unfinished.svelte'
import type { Lane } from './watch'

/** Files that may be under way or waiting at a time. */
export const maxFiles = 100
/** Files that are looked up, and that are sent, at the same time: sending may have to wait for long. */
const parallel = 2

/** Files that a person handed in together. */
export class Batch {
  jobs = $state<Job[]>([])
  terms = $state<Terms>({ consent: null, contributor: '', channel: 'web' })
  /** Files that were too many. */
  leftOut = $state(0)
  /** A file that was handed in alone, whose report is to be shown at once. */
  alone = $state<Job | null>(null)
  #running = { prepare: 0, send: 0 }
  #byHash = new Map<string, Job>()

  get active(): boolean {
    return this.jobs.some((job) => !job.finished)
  }

  /** Files that wait for nothing but the consent. */
  get withoutConsent(): number {
    return this.jobs.filter((job) => job.state === 'asking' && !this.#agreed(job)).length
  }

  /** Files about which the person has to decide, as they look confidential. */
  get undecided(): Job[] {
    return this.jobs.filter((job) => job.state === 'asking' && job.suspicion)
  }

  /** Takes files in; what is over a limit of the node fails at once and says so. */
  add(files: Iterable<File>, maxFileBytes: number): void {
    const all = [...files]
    const room = Math.max(0, maxFiles - this.jobs.filter((job) => !job.finished).length)
    const alone = all.length === 1 && !this.active
    this.leftOut = Math.max(0, all.length - room)
    for (const file of all.slice(0, room)) {
      const job = new Job(file)
      if (file.size === 0) job.refuse(t('scan.error.empty'))
      else if (file.size > maxFileBytes) job.refuse(t('scan.error.size', { limit: bytes(maxFileBytes) }))
      this.jobs.push(job)
    }
    this.alone = alone ? (this.jobs.at(-1) ?? null) : null
    this.#next()
  }

  remove(job: Job): void {
    job.cancel()
    this.jobs = this.jobs.filter((other) => other.id !== job.id)
    this.#count()
  }

  /** Removes what is done, but not what somebody may want to try again. */
  clear(): void {
    this.leftOut = 0
    this.jobs = this.jobs.filter((job) => !job.finished || job.repeatable)
  }

  /** Agrees or not; agreed, all that waited for it and look harmless to share go on. */
  agree(version: number | null): void {
    this.terms.consent = version
    this.#next()
  }

  /** The person decided about a file that looks confidential. */
  decide(job: Job, lane: Lane): void {
    job.decide(lane)
    this.#next()
  }

  repeat(job: Job): void {
    job.repeat()
    this.#next()
  }

  #next(): void {
    for (const job of this.jobs) {
      const { prepare, send } = this.#running
      if (job.state === 'waiting') {
        if (prepare < parallel) this.#run('prepare', job.prepare((ready) => this.#claim(ready)))
      } else if (job.state === 'asking' && !job.suspicion && this.#agreed(job)) {
        if (send < parallel) this.#run('send', job.send({ ...this.terms }))
      }
    }
    this.#count()
  }

  #claim(job: Job): Job | undefined {
    const first = this.#byHash.get(job.sha256)
    if (first && first.id !== job.id && !['failed', 'cancelled'].includes(first.state)) return first
    this.#byHash.set(job.sha256, job)
    return undefined
  }

  /** What goes down the private lane is passed on to nobody: there is nothing to agree to. */
  #agreed(job: Job): boolean {
    return this.terms.consent !== null || job.lane === 'private'
  }

  #run(kind: 'prepare' | 'send', work: Promise<void>): void {
    this.#running[kind]++
    void work.finally(() => {
      this.#running[kind]--
      this.#next()
    })
  }

  #count(): void {
    unfinished.files = this.jobs.filter((job) => !job.finished).length
  }
}

/** The files of this page: they go on while other parts of it are looked at. */
export const batch = new Batch()
