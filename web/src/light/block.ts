/** Blocks as CometBFT's RPC answers with them in JSON, with the checks that need no keys. */
import { sha256 } from '@noble/hashes/sha2.js'
import { compare, equal, upperHex } from './bytes'
import { headerHash, validatorsHash } from './canonical'
import { JsonObject } from './json'
import { parseTime, zeroTime, type Time } from './time'

export interface BlockId {
  hash: Uint8Array
  parts: { total: number; hash: Uint8Array }
}

export interface Header {
  version: { block: bigint; app: bigint }
  chainId: string
  height: bigint
  time: Time
  lastBlockId: BlockId
  lastCommitHash: Uint8Array
  dataHash: Uint8Array
  validatorsHash: Uint8Array
  nextValidatorsHash: Uint8Array
  consensusHash: Uint8Array
  appHash: Uint8Array
  lastResultsHash: Uint8Array
  evidenceHash: Uint8Array
  proposerAddress: Uint8Array
}

/** What one validator did in a commit: absent, for the block, or for no block. */
export type Flag = 'absent' | 'commit' | 'nil'

export interface CommitSig {
  flag: Flag
  address: Uint8Array
  time: Time
  signature: Uint8Array
}

export interface Commit {
  height: bigint
  round: number
  blockId: BlockId
  signatures: CommitSig[]
}

export interface Validator {
  address: Uint8Array
  /** Ed25519, 32 bytes. */
  publicKey: Uint8Array
  power: bigint
  /** Not part of what is signed; honest servers agree on it. */
  priority: bigint
}

/** A header with its commit and the validators of its height. */
export interface LightBlock {
  header: Header
  hash: Uint8Array
  commit: Commit
  validators: Validator[]
}

export const maxValidators = 10_000

const blockProtocol = 11n
const addressSize = 20
const maxChainIdBytes = 50
const maxSignatureBytes = 64
const maxTotalPower = (2n ** 63n - 1n) / 8n
const ed25519Type = 'tendermint/PubKeyEd25519'

/** Joins a header, its commit and validators, and refuses what is not consistent in itself. */
export function lightBlock(chainId: string, signedHeader: JsonObject, validators: Validator[]): LightBlock {
  const header = readHeader(signedHeader.object('header'))
  const commit = readCommit(signedHeader.object('commit'))
  if (header.chainId !== chainId) throw new Error(`header of another chain, not ${chainId}`)
  if (commit.height !== header.height) throw new Error(`commit of height ${commit.height}, header of ${header.height}`)
  const hash = headerHash(header)
  if (!equal(hash, commit.blockId.hash)) {
    throw new Error(`commit signs block ${upperHex(commit.blockId.hash)}, header is block ${upperHex(hash)}`)
  }
  const set = sortValidators(validators)
  if (!equal(header.validatorsHash, validatorsHash(set))) throw new Error('the validators are not those of the header')
  return { header, hash, commit, validators: set }
}

function readHeader(json: JsonObject): Header {
  const version = json.object('version')
  const header: Header = {
    version: { block: version.uint64OrZero('block'), app: version.uint64OrZero('app') },
    chainId: json.text('chain_id', maxChainIdBytes),
    height: json.int64('height'),
    time: parseTime(json.string('time')),
    lastBlockId: readBlockId(json.object('last_block_id')),
    lastCommitHash: readHash(json, 'last_commit_hash'),
    dataHash: readHash(json, 'data_hash'),
    validatorsHash: readHash(json, 'validators_hash'),
    nextValidatorsHash: readHash(json, 'next_validators_hash'),
    consensusHash: readHash(json, 'consensus_hash'),
    appHash: json.hex('app_hash'),
    lastResultsHash: readHash(json, 'last_results_hash'),
    evidenceHash: readHash(json, 'evidence_hash'),
    proposerAddress: json.hex('proposer_address'),
  }
  if (header.version.block !== blockProtocol) json.fail(`block protocol ${header.version.block}, want ${blockProtocol}`)
  if (header.height < 1n) json.fail(`height ${header.height}`)
  if (header.validatorsHash.length === 0) json.fail('validators_hash is empty')
  if (header.proposerAddress.length !== addressSize) json.fail('proposer_address is not an address')
  return header
}

function readCommit(json: JsonObject): Commit {
  const commit: Commit = {
    height: json.int64('height'),
    round: Number(json.integer('round', 2n ** 31n - 1n)),
    blockId: readBlockId(json.object('block_id')),
    signatures: json
      .array('signatures', maxValidators)
      .map((entry, i) => readSignature(new JsonObject(`signature ${i}`, entry))),
  }
  if (commit.signatures.length === 0) json.fail('no signatures')
  return commit
}

const flags: Record<string, Flag> = { 1: 'absent', 2: 'commit', 3: 'nil' }

function readSignature(json: JsonObject): CommitSig {
  const flag = flags[String(json.integer('block_id_flag', 255n))]
  if (!flag) json.fail('unknown block_id_flag')
  const [address, signature] = [json.hex('validator_address'), json.base64('signature')]
  const time = parseTime(json.string('timestamp'))
  if (flag === 'absent') {
    if (address.length > 0 || signature.length > 0 || time !== zeroTime) json.fail('an absent validator that signs')
  } else if (address.length !== addressSize || signature.length === 0 || signature.length > maxSignatureBytes) {
    json.fail('address or signature has a wrong size')
  }
  return { flag, address, time, signature }
}

function readBlockId(json: JsonObject): BlockId {
  const parts = json.object('parts')
  return {
    hash: readHash(json, 'hash'),
    parts: { total: Number(parts.integer('total', 2n ** 32n - 1n)), hash: readHash(parts, 'hash') },
  }
}

function readHash(json: JsonObject, name: string): Uint8Array {
  const hash = json.hex(name)
  if (hash.length !== 0 && hash.length !== 32) json.fail(`${name} has ${hash.length} bytes, want 32`)
  return hash
}

/** Reads one entry of an answer to `validators`. */
export function readValidator(json: JsonObject): Validator {
  const key = json.object('pub_key')
  if (key.string('type') !== ed25519Type) key.fail(`type is not ${ed25519Type}`)
  const validator = {
    address: json.hex('address'),
    publicKey: key.base64('value'),
    power: json.int64('voting_power'),
    priority: json.int64('proposer_priority'),
  }
  if (validator.publicKey.length !== 32) key.fail(`value has ${validator.publicKey.length} bytes, want 32`)
  if (validator.power < 0n) json.fail('voting_power is negative')
  if (!equal(validator.address, sha256(validator.publicKey).subarray(0, addressSize)))
    json.fail('address is not that of the key')
  return validator
}

/** The order in which validators sign: by power, then by address. */
function sortValidators(validators: Validator[]): Validator[] {
  if (validators.length === 0) throw new Error('no validators')
  if (totalPower(validators) > maxTotalPower) throw new Error(`the validators have more power than ${maxTotalPower}`)
  return validators.toSorted((a, b) =>
    a.power === b.power ? compare(a.address, b.address) : a.power > b.power ? -1 : 1,
  )
}

export const totalPower = (validators: readonly Validator[]): bigint => validators.reduce((sum, v) => sum + v.power, 0n)
