import type { LightBlock } from './block'
import type { Settings } from './config'
import { delay } from './delay'
import { isFinal, messageOf, Refuted, Unverifiable } from './errors'
import { Headers } from './headers'
import { Server } from './rpc'

/** A report can be read from a block whose successor is still to come. */
const maxBlocksAhead = 10n
const maxWaitMilliseconds = 30_000
const pollMilliseconds = 200

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Finds verified headers of one chain at its servers. */
export class Verifier {
  readonly servers: Server[]

  constructor(
    readonly settings: Settings,
    readonly signal: AbortSignal,
  ) {
    this.servers = settings.rpc.map((address) => new Server(address, signal))
  }

  /** The verified header under which the state at a height, or a newer one, is proved. */
  async header(atLeast: bigint): Promise<{ block: LightBlock; witnesses: number }> {
    // One block below the tip, so that witnesses have it as well; nothing follows from a
    // trusted block but what comes after it.
    const tip = await this.tipFrom(max(atLeast + 2n, this.settings.trust.height + 1n))
    const [primary, ...witnesses] = await this.reachable()
    if (!primary) throw new Unverifiable('no RPC server answers')
    const headers = new Headers(this.settings, primary, witnesses, this.signal)
    try {
      return { block: await headers.verified(tip - 1n), witnesses: witnesses.length }
    } catch (error) {
      if (isFinal(error, this.signal)) throw error
      throw new Refuted(`no server shows a header that follows from the trusted block: ${messageOf(error)}`)
    }
  }

  /** Waits until the chain has the wanted height, when that is near, and tells its newest one. */
  private async tipFrom(wanted: bigint): Promise<bigint> {
    for (const deadline = Date.now() + maxWaitMilliseconds; ; await delay(pollMilliseconds, this.signal)) {
      const tip = await this.tip()
      if (tip >= wanted) return tip
      if (wanted > tip + maxBlocksAhead || Date.now() > deadline) {
        throw new Refuted(`block ${wanted} is needed for what is to be proved, the chain is at ${tip}`)
      }
    }
  }

  /** The newest height that the first reachable server knows. */
  private async tip(): Promise<bigint> {
    const failures = ['no RPC server answers']
    for (const server of this.servers) {
      try {
        return await server.tip()
      } catch (error) {
        this.signal.throwIfAborted()
        failures.push(`${server.address}: ${messageOf(error)}`)
      }
    }
    throw new Unverifiable(failures.join('\n'))
  }

  private async reachable(): Promise<Server[]> {
    const tips = await Promise.allSettled(this.servers.map((server) => server.tip()))
    this.signal.throwIfAborted()
    return this.servers.filter((_, i) => tips[i]!.status === 'fulfilled')
  }
}
