/** Blocks signed by keys that the tests make themselves. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { CommitSig, Flag, LightBlock, Validator } from '../block'
import { compare, utf8Bytes } from '../bytes'
import { headerHash, signBytes, validatorsHash } from '../canonical'
import { second, type Time } from '../time'

export const chainId = 'virusmap-test-1'

export interface Key {
  secret: Uint8Array
  validator: Validator
}

/** The key of a name, as a validator with a power. */
export function key(name: string, power = 1n): Key {
  const secret = sha256(utf8Bytes(name))
  const publicKey = ed25519.getPublicKey(secret)
  return { secret, validator: { address: sha256(publicKey).subarray(0, 20), publicKey, power, priority: 0n } }
}

const digest = (text: string): Uint8Array => sha256(utf8Bytes(text))
const partsOf = (text: string): { total: number; hash: Uint8Array } => ({ total: 1, hash: digest(text) })

/** A block of a height with its validators, of whom the signers vote for it. */
export function block(
  height: bigint,
  keys: Key[],
  signers: Key[],
  more: { next?: Key[]; time?: Time } = {},
): LightBlock {
  const sorted = (of: Key[]): Key[] => of.toSorted((a, b) => compare(a.validator.address, b.validator.address))
  const hashOf = (of: Key[]): Uint8Array => validatorsHash(sorted(of).map(({ validator }) => validator))
  const header = {
    version: { block: 11n, app: 0n },
    chainId,
    height,
    time: more.time ?? height * second,
    lastBlockId: { hash: digest('last'), parts: partsOf('last') },
    lastCommitHash: digest('commit'),
    dataHash: digest('data'),
    validatorsHash: hashOf(keys),
    nextValidatorsHash: hashOf(more.next ?? keys),
    consensusHash: digest('consensus'),
    appHash: digest('app'),
    lastResultsHash: digest('results'),
    evidenceHash: digest('evidence'),
    proposerAddress: keys[0]!.validator.address,
  }
  const hash = headerHash(header)
  const signatures = sorted(keys).map(({ validator }, i): CommitSig => {
    const flag: Flag = signers.some((signer) => signer.validator.address === validator.address) ? 'commit' : 'nil'
    return { flag, address: validator.address, time: header.time + BigInt(i), signature: new Uint8Array(64) }
  })
  const commit = { height, round: 0, blockId: { hash, parts: partsOf('parts') }, signatures }
  for (const [i, { secret }] of sorted(keys).entries())
    signatures[i]!.signature = ed25519.sign(signBytes(chainId, commit, i), secret)
  return { header, hash, commit, validators: sorted(keys).map(({ validator }) => validator) }
}
