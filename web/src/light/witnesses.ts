/** Compares headers with witnesses, as CometBFT's light client does: light/detector.go. */
import { equal } from './bytes'
import type { LightBlock } from './block'
import { delay } from './delay'
import { isFinal, Refuted } from './errors'
import type { Headers } from './headers'
import { NoBlock, type Server } from './rpc'

/** Twice the clock drift and the longest time that a block takes. */
const catchUpMilliseconds = 2 * 3_000 + 3_000

/** What a witness says of a block: the same, nothing, something useless, or another block. */
type Testimony = 'same' | 'silent' | 'useless' | { conflict: LightBlock }

/**
 * Compares the last block of a trace with all witnesses. It throws Refuted when one of
 * them shows another block that follows from the trusted one too: then somebody attacks.
 */
export async function crossCheck(
  headers: Headers,
  trace: LightBlock[],
  witnesses: readonly Server[],
  first: boolean,
): Promise<{ matched: boolean; useless: Set<Server> }> {
  const block = trace.at(-1)!
  let matched = false
  const useless = new Set<Server>()
  for (const witness of witnesses) {
    const said = await hear(headers, witness, block)
    if (said === 'same') matched = true
    else if (said === 'useless') useless.add(witness)
    else if (said !== 'silent') {
      if (first || (await divergesFrom(headers, trace, said.conflict, witness))) {
        throw new Refuted(
          `${witness.address} shows another block ${said.conflict.header.height}: one of the servers shows a fork`,
        )
      }
      useless.add(witness)
    }
  }
  return { matched, useless }
}

async function hear(headers: Headers, witness: Server, block: LightBlock): Promise<Testimony> {
  let theirs: LightBlock
  try {
    theirs = await headers.fetch(witness, block.header.height)
  } catch (error) {
    if (isFinal(error, headers.signal)) throw error
    if (!(error instanceof NoBlock)) return 'useless'
    return error.tooHigh ? await hearOneBehind(headers, witness, block) : 'silent'
  }
  return compareBlocks(witness, block, theirs)
}

/** A witness that is behind gets the time to catch up, unless its newest block contradicts. */
async function hearOneBehind(headers: Headers, witness: Server, block: LightBlock): Promise<Testimony> {
  for (let waited = false; ; waited = true) {
    let newest: LightBlock
    try {
      newest = await headers.fetch(witness)
      if (newest.header.height > block.header.height) newest = await headers.fetch(witness, block.header.height)
    } catch (error) {
      if (isFinal(error, headers.signal)) throw error
      return 'useless'
    }
    if (newest.header.height === block.header.height) return compareBlocks(witness, block, newest)
    if (newest.header.time >= block.header.time) return { conflict: newest }
    if (waited) return 'silent'
    await delay(catchUpMilliseconds, headers.signal)
  }
}

function compareBlocks(witness: Server, block: LightBlock, theirs: LightBlock): Testimony {
  if (!equal(block.hash, theirs.hash)) return { conflict: theirs }
  // Priorities are not part of the hash.
  if (block.validators.some(({ priority }, i) => priority !== theirs.validators[i]!.priority)) {
    throw new Refuted(`${witness.address} shows other proposer priorities`)
  }
  return 'same'
}

/** Whether a conflicting block of a witness follows from the trusted one. */
async function divergesFrom(
  headers: Headers,
  trace: LightBlock[],
  conflict: LightBlock,
  witness: Server,
): Promise<boolean> {
  try {
    let verified: LightBlock | undefined
    for (const block of trace) {
      if (block.header.height > conflict.header.height) {
        // The primary is ahead of time: its block is later in height but not in time.
        if (block.header.time > conflict.header.time || !verified) return false
        if (verified.header.height !== conflict.header.height) await headers.skip(witness, verified, conflict)
        return true
      }
      const theirs =
        block.header.height === conflict.header.height ? conflict : await headers.fetch(witness, block.header.height)
      const same = equal(theirs.hash, block.hash)
      if (verified) await headers.skip(witness, verified, theirs)
      if (verified && !same) return true
      if (!same) return false
      verified = theirs
    }
    return false
  } catch (error) {
    if (isFinal(error, headers.signal)) throw error
    return false
  }
}
