/** Follows headers from the trusted block, as CometBFT's light client does: light/client.go. */
import { equal } from './bytes'
import type { LightBlock } from './block'
import { checkCommit, follows, InvalidHeader, type Rules } from './commit'
import type { Settings } from './config'
import { isFinal, messageOf, Refuted, Unverifiable } from './errors'
import { NoBlock, type Server } from './rpc'
import { now } from './time'
import { crossCheck } from './witnesses'

/** Bounds what servers can make this client fetch; honest ones are done in a few dozen blocks. */
const maxBlocks = 500

/** Follows headers with one server that serves them and others that bear witness. */
export class Headers {
  readonly rules: Rules
  readonly #alone: boolean
  #blocks = 0

  /** The servers have answered before. */
  constructor(
    readonly settings: Settings,
    private primary: Server,
    private witnesses: Server[],
    readonly signal: AbortSignal,
  ) {
    this.rules = { chainId: settings.chainId, trustingPeriod: settings.trust.period, now: now() }
    this.#alone = witnesses.length === 0
  }

  /** The block of a height, not below the trusted one, that follows from it and that no witness contradicts. */
  async verified(height: bigint): Promise<LightBlock> {
    const trusted = await this.trusted()
    if (height === trusted.header.height) return trusted
    const target = await this.fromPrimary(height)
    await this.confirm(await this.forwards(trusted, target))
    return target
  }

  private async trusted(): Promise<LightBlock> {
    const { height, hash } = this.settings.trust
    const block = await this.fromPrimary(height)
    if (!equal(block.hash, hash)) throw new Refuted(`block ${height} has another hash than the trusted one`)
    checkCommit(this.rules.chainId, block)
    await this.confirm([block], true)
    return block
  }

  /** Follows the primary's headers; a primary that is false on the way is replaced. */
  private async forwards(trusted: LightBlock, target: LightBlock): Promise<LightBlock[]> {
    for (;;) {
      try {
        return await this.skip(this.primary, trusted, target)
      } catch (error) {
        if (!(error instanceof InvalidHeader) || error.height === target.header.height) throw error
        const replacement = await this.replacePrimary(target.header.height, true)
        if (!equal(replacement.hash, target.hash)) throw error
      }
    }
  }

  /**
   * Verifies the target and as few blocks in between as needed. It returns all of them,
   * the trusted one first.
   */
  async skip(source: Server, trusted: LightBlock, target: LightBlock): Promise<LightBlock[]> {
    const trace = [trusted]
    let verified = trusted
    let pending = [target] // nearer and nearer to the verified one
    for (let depth = 0; ; ) {
      const block = pending[depth]!
      if (follows(this.rules, verified, block)) {
        trace.push(block)
        if (depth === 0) return trace
        verified = block
        pending = pending.slice(0, depth)
        depth = 0
        continue
      }
      if (depth === pending.length - 1) {
        const height = verified.header.height + ((block.header.height - verified.header.height) * 9n) / 16n
        pending.push(await this.fetch(source, height))
      }
      depth++
    }
  }

  /** Compares the last block of a trace with the witnesses; those that are of no use are dropped. */
  private async confirm(trace: LightBlock[], first = false): Promise<void> {
    if (this.#alone) return
    const { matched, useless } = await crossCheck(this, trace, this.witnesses, first)
    const left = this.witnesses.filter((witness) => !useless.has(witness))
    if (left.length > 0) this.witnesses = left
    else if (!first) throw new Refuted('no witness is left')
    if (!matched && !first) throw new Refuted('no witness shows the same header')
  }

  /** A block from the primary, or from a witness that takes its place. */
  private async fromPrimary(height: bigint): Promise<LightBlock> {
    try {
      return await this.fetch(this.primary, height)
    } catch (error) {
      if (isFinal(error, this.signal)) throw error
      if (this.#alone) throw new Refuted(`${this.primary.address}: ${messageOf(error)}`)
      return await this.replacePrimary(height, !(error instanceof NoBlock))
    }
  }

  /** Makes the first witness that has the block the primary. A witness has to be left. */
  private async replacePrimary(height: bigint, drop: boolean): Promise<LightBlock> {
    let failure = 'no witness is left'
    for (const witness of [...this.witnesses]) {
      try {
        const block = await this.fetch(witness, height)
        const others = this.witnesses.filter((other) => other !== witness)
        this.witnesses = drop ? others : [...others, this.primary]
        this.primary = witness
        if (this.witnesses.length === 0) throw new Refuted('no witness is left')
        return block
      } catch (error) {
        if (error instanceof Refuted || isFinal(error, this.signal)) throw error
        failure = `${witness.address}: ${messageOf(error)}`
        if (!(error instanceof NoBlock)) this.witnesses = this.witnesses.filter((other) => other !== witness)
      }
    }
    throw new Refuted(failure)
  }

  /** A block from a server; the newest one without a height. */
  async fetch(server: Server, height?: bigint): Promise<LightBlock> {
    if (++this.#blocks > maxBlocks) {
      throw new Unverifiable(
        `more than ${maxBlocks} blocks are needed from the trusted one: get a newer one from a source you trust`,
      )
    }
    return await server.lightBlock(this.rules.chainId, height)
  }
}
