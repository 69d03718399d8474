import { isKnown } from '../api/items'
import { ApiError, isAbort, mayPass } from '../api/errors'
import { upload } from '../api/upload'
import { hashFile } from '../hashing'
import { headBytes, suspect, type Suspicion } from './confidential'
import { sleep, type Lane } from './watch'

export type State =
  | 'waiting' // for its turn
  | 'hashing'
  | 'looking' // whether the node knows it
  | 'asking' // the person, as it looks confidential or the consent is missing
  | 'uploading'
  | 'paused' // the node asked for patience
  | 'known'
  | 'same' // as another file that was handed in with it
  | 'accepted'
  | 'failed'
  | 'cancelled'

/** What an upload needs beside the file. */
export interface Terms {
  /** Version of the consent given, or null. */
  consent: number | null
  contributor: string
  channel: 'web' | 'mobile' | 'wallet'
}

/** How often a request is made again when the node asks for patience. */
const patience = 30
const longestPauseSeconds = 90

/** One file on its way to the node. */
export class Job {
  state = $state<State>('waiting')
  /** From 0 to 1, of what the state is about. */
  progress = $state(0)
  error = $state<unknown>()
  sha256 = $state('')
  analysis = $state('')
  lane = $state<Lane>('public')
  suspicion = $state<Suspicion | null>(null)
  /** Left of a pause. */
  pauseSeconds = $state(0)
  /** The file with the same content, which stands for this one. */
  twin = $state<Job>()

  readonly id = crypto.randomUUID()
  #controller = new AbortController()
  #decided = false
  /** It breaks a limit of the node, which no other try changes. */
  #refused = false

  constructor(readonly file: File) {}

  get finished(): boolean {
    return ['known', 'same', 'accepted', 'failed', 'cancelled'].includes(this.state)
  }

  get busy(): boolean {
    return ['hashing', 'looking', 'uploading', 'paused'].includes(this.state)
  }

  /** Whether it failed for a reason that may pass. */
  get repeatable(): boolean {
    return this.state === 'failed' && !this.#refused && mayPass(this.error)
  }

  /** Where its report or its progress is shown, once there is one. */
  get href(): string {
    if (this.state === 'same') return this.twin?.href ?? ''
    if (this.state === 'known') return `/file/${this.sha256}`
    if (this.state !== 'accepted') return ''
    return `/analysis/${encodeURIComponent(this.analysis)}${this.lane === 'private' ? '?lane=private' : ''}`
  }

  cancel(): void {
    this.state = 'cancelled'
    this.#controller.abort()
  }

  /** Fails before any work is done. */
  refuse(reason: string): void {
    this.error = new Error(reason)
    this.state = 'failed'
    this.#refused = true
  }

  /** Has it take its turn again; what the person decided stays. */
  repeat(): void {
    this.error = undefined
    this.state = 'waiting'
  }

  decide(lane: Lane): void {
    this.#decided = true
    this.suspicion = null
    this.lane = lane
  }

  /**
   * Hashes the file and looks it up: a file that is known is never sent, and of the same ones
   * only that which claims the hash first. claim returns the one that has, if it is another.
   */
  async prepare(claim: (job: Job) => Job | undefined): Promise<void> {
    await this.#guard(async (signal) => {
      this.state = 'hashing'
      if (!this.sha256) {
        const head = new Uint8Array(await this.file.slice(0, headBytes).arrayBuffer())
        if (!this.#decided) this.suspicion = suspect(this.file.name, head)
        this.sha256 = await hashFile(this.file, (part) => (this.progress = part), signal)
      }
      this.twin = claim(this)
      if (this.twin) {
        this.state = 'same'
        return
      }
      const known = await this.#patiently(signal, 'looking', () => isKnown(this.sha256, signal))
      this.state = known ? 'known' : 'asking'
    })
  }

  async send(terms: Terms): Promise<void> {
    const { lane } = this
    await this.#guard(async (signal) => {
      const contributor = lane === 'public' ? terms.contributor : ''
      const receipt = await this.#patiently(signal, 'uploading', () =>
        upload({ ...terms, file: this.file, lane, contributor }, (part) => (this.progress = part), signal),
      )
      this.analysis = receipt.data.id
      this.state = 'accepted'
    })
  }

  /** Does the work, and again when the node asks to wait for a while. */
  async #patiently<T>(signal: AbortSignal, state: State, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      this.state = state
      this.progress = 0
      try {
        return await work()
      } catch (error) {
        if (!asksForPatience(error) || tries > patience) throw error
        this.state = 'paused'
        for (this.pauseSeconds = Math.max(1, error.retryAfter); this.pauseSeconds > 0; this.pauseSeconds--) {
          await sleep(1000, signal)
          signal.throwIfAborted()
        }
      }
    }
  }

  async #guard(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#controller
    if (signal.aborted) return
    try {
      await work(signal)
    } catch (error) {
      if (isAbort(error)) return
      this.error = error
      this.state = 'failed'
    }
  }
}

/** Limits by the minute pass; a quota of the day does not while somebody waits. */
function asksForPatience(error: unknown): error is ApiError {
  return error instanceof ApiError && [429, 503].includes(error.status) && error.retryAfter <= longestPauseSeconds
}
