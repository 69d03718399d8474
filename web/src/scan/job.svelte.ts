import { isKnown } from '../api/items'
import { ApiError, isAbort } from '../api/errors'
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

/** How often an upload is tried again when the node asks for patience. */
const patience = 5
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
  pauseSeconds = $state(0)

  readonly id = crypto.randomUUID()
  #controller = new AbortController()

  constructor(readonly file: File) {}

  get finished(): boolean {
    return ['known', 'accepted', 'failed', 'cancelled'].includes(this.state)
  }

  get busy(): boolean {
    return ['hashing', 'looking', 'uploading', 'paused'].includes(this.state)
  }

  /** Where its report or its progress is shown, once there is one. */
  get href(): string {
    if (this.state === 'known') return `/file/${this.sha256}`
    if (this.state !== 'accepted') return ''
    return `/analysis/${encodeURIComponent(this.analysis)}${this.lane === 'private' ? '?lane=private' : ''}`
  }

  cancel(): void {
    this.state = 'cancelled'
    this.#controller.abort()
  }

  /** Hashes the file and looks it up: a file that is known is never sent. */
  async prepare(): Promise<void> {
    await this.#guard(async (signal) => {
      this.state = 'hashing'
      const head = new Uint8Array(await this.file.slice(0, headBytes).arrayBuffer())
      this.suspicion = suspect(this.file.name, head)
      this.sha256 = await hashFile(this.file, (part) => (this.progress = part), signal)
      this.state = 'looking'
      this.state = (await isKnown(this.sha256, signal)) ? 'known' : 'asking'
    })
  }

  async send(terms: Terms): Promise<void> {
    const { lane } = this
    await this.#guard(async (signal) => {
      for (let tries = 1; ; tries++) {
        this.state = 'uploading'
        this.progress = 0
        try {
          const receipt = await upload(
            { ...terms, file: this.file, lane, contributor: lane === 'public' ? terms.contributor : '' },
            (part) => (this.progress = part),
            signal,
          )
          this.analysis = receipt.data.id
          this.state = 'accepted'
          return
        } catch (error) {
          if (!asksForPatience(error) || tries > patience) throw error
          this.state = 'paused'
          this.pauseSeconds = Math.max(1, error.retryAfter)
          await sleep(this.pauseSeconds * 1000, signal)
          signal.throwIfAborted()
        }
      }
    })
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
