import { bytes, t } from '../i18n'
import { Job, type Terms } from './job.svelte'
import type { Lane } from './watch'

/** Files that are taken at a time. */
const maxFiles = 100
/** Files that are worked on at the same time. */
const parallel = 2

/** Files that a person handed in together. */
export class Batch {
  jobs = $state<Job[]>([])
  terms = $state<Terms>({ consent: null, contributor: '', channel: 'web' })
  #running = 0

  get active(): boolean {
    return this.jobs.some((job) => !job.finished)
  }

  /** Files that wait for nothing but the consent. */
  get withoutConsent(): number {
    return this.jobs.filter((job) => job.state === 'asking' && !this.#agreed(job)).length
  }

  /** Takes files in; what is over a limit of the node fails at once and says so. */
  add(files: Iterable<File>, maxFileBytes: number): void {
    for (const file of files) {
      const job = new Job(file)
      if (this.jobs.length >= maxFiles) job.error = new Error(t('scan.error.count', { limit: maxFiles }))
      else if (file.size === 0) job.error = new Error(t('scan.error.empty'))
      else if (file.size > maxFileBytes) job.error = new Error(t('scan.error.size', { limit: bytes(maxFileBytes) }))
      if (job.error) job.state = 'failed'
      this.jobs.push(job)
      if (this.jobs.length > maxFiles) break
    }
    this.#next()
  }

  remove(job: Job): void {
    job.cancel()
    this.jobs = this.jobs.filter((other) => other.id !== job.id)
  }

  /** Agrees or not; agreed, all that waited for it and look harmless to share go on. */
  agree(version: number | null): void {
    this.terms.consent = version
    this.#next()
  }

  /** The person decided about a file that looks confidential. */
  decide(job: Job, lane: Lane): void {
    job.suspicion = null
    job.lane = lane
    this.#next()
  }

  #next(): void {
    for (const job of this.jobs) {
      if (this.#running >= parallel) return
      if (job.state === 'waiting') this.#run(job.prepare())
      else if (job.state === 'asking' && !job.suspicion && this.#agreed(job)) this.#run(job.send({ ...this.terms }))
    }
  }

  /** What goes down the private lane is passed on to nobody: there is nothing to agree to. */
  #agreed(job: Job): boolean {
    return this.terms.consent !== null || job.lane === 'private'
  }

  #run(work: Promise<void>): void {
    this.#running++
    void work.finally(() => {
      this.#running--
      this.#next()
    })
  }
}
