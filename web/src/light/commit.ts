/** Whether a new header follows from a trusted one: CometBFT's light/verifier.go and types/validation.go. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { equal } from './bytes'
import { totalPower, type Commit, type LightBlock, type Validator } from './block'
import { signBytes } from './canonical'
import { Unverifiable } from './errors'
import { formatTime, second, type Time } from './time'

const maxClockDrift = 3n * second

/** What is true of the whole verification. */
export interface Rules {
  chainId: string
  /** Nanoseconds. */
  trustingPeriod: bigint
  now: Time
}

/** The header is false in itself, whoever is trusted. */
export class InvalidHeader extends Error {
  constructor(
    readonly height: bigint,
    message: string,
  ) {
    super(`block ${height}: ${message}`)
  }
}

/**
 * Tells whether the block follows from the trusted one. False means that too few of the
 * trusted validators signed it: a block in between is needed. It throws InvalidHeader or
 * an Error when the block is false, and Unverifiable when the trusted one is too old.
 */
export function follows(rules: Rules, trusted: LightBlock, block: LightBlock): boolean {
  const expiry = trusted.header.time + rules.trustingPeriod
  if (expiry <= rules.now) {
    throw new Unverifiable(
      `the trusted block expired at ${formatTime(expiry)}: get the height and hash of a newer one from a source you trust`,
    )
  }
  checkOrder(rules, trusted, block)
  const verified = new Set<string>()
  if (block.header.height === trusted.header.height + 1n) {
    if (!equal(block.header.validatorsHash, trusted.header.nextValidatorsHash)) {
      throw new Error(
        `block ${block.header.height}: the validators are not those that block ${trusted.header.height} named next`,
      )
    }
  } else if (
    !checkSignatures(rules.chainId, block, trusted.validators, totalPower(trusted.validators) / 3n, verified)
  ) {
    return false
  }
  checkCommit(rules.chainId, block, verified)
  return true
}

function checkOrder(rules: Rules, trusted: LightBlock, { header }: LightBlock): void {
  const fail = (message: string): never => {
    throw new InvalidHeader(header.height, message)
  }
  if (header.height <= trusted.header.height) fail(`not after block ${trusted.header.height}`)
  if (header.time <= trusted.header.time) fail(`its time is not after that of block ${trusted.header.height}`)
  if (header.time >= rules.now + maxClockDrift)
    fail(`its time ${formatTime(header.time)} is in the future; is this clock right?`)
}

/** Throws unless more than two thirds of the block's own validators signed it. */
export function checkCommit(chainId: string, block: LightBlock, verified = new Set<string>()): void {
  const { commit, validators } = block
  const height = block.header.height
  if (commit.signatures.length !== validators.length) {
    throw new InvalidHeader(height, `${commit.signatures.length} signatures of ${validators.length} validators`)
  }
  for (const [i, { flag, address }] of commit.signatures.entries()) {
    if (flag === 'commit' && !equal(address, validators[i]!.address))
      throw new InvalidHeader(height, `signature ${i} is of another validator`)
  }
  const needed = (totalPower(validators) * 2n) / 3n
  if (!checkSignatures(chainId, block, validators, needed, verified))
    throw new InvalidHeader(height, 'not signed by more than two thirds of the validators')
}

/**
 * Tells whether validators of a set with more than the needed power signed the block.
 * Only as many signatures are checked as that takes; a false one among them throws.
 */
function checkSignatures(
  chainId: string,
  block: LightBlock,
  set: readonly Validator[],
  needed: bigint,
  verified: Set<string>,
): boolean {
  const signers = signersOf(block, set, needed)
  for (const [index, { publicKey }] of signers ?? []) {
    const key = `${index} ${bytesToHex(publicKey)}`
    if (verified.has(key)) continue
    if (!isSigned(chainId, block.commit, index, publicKey))
      throw new InvalidHeader(block.header.height, `signature ${index} is wrong`)
    verified.add(key)
  }
  return signers !== null
}

/** The first signatures of the commit that reach more than the needed power, by index; null when they do not. */
function signersOf(
  { commit, header }: LightBlock,
  set: readonly Validator[],
  needed: bigint,
): Map<number, Validator> | null {
  const byAddress = new Map(set.map((validator) => [bytesToHex(validator.address), validator]))
  const signers = new Map<number, Validator>()
  const seen = new Set<Validator>()
  let power = 0n
  for (const [index, { flag, address }] of commit.signatures.entries()) {
    const validator = flag === 'commit' ? byAddress.get(bytesToHex(address)) : undefined
    if (!validator) continue
    if (seen.has(validator)) throw new InvalidHeader(header.height, `validator ${bytesToHex(address)} signed twice`)
    seen.add(validator)
    signers.set(index, validator)
    power += validator.power
    if (power > needed) return signers
  }
  return null
}

function isSigned(chainId: string, commit: Commit, index: number, publicKey: Uint8Array): boolean {
  const { signature } = commit.signatures[index]!
  try {
    // CometBFT takes what ZIP-215 takes, which noble does by default.
    return (
      signature.length === 64 &&
      ed25519.verify(signature, signBytes(chainId, commit, index), publicKey, { zip215: true })
    )
  } catch {
    return false // a key or signature that is not on the curve
  }
}
