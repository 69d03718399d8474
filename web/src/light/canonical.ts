/**
 * What CometBFT hashes and signs: messages of tendermint/types in the exact bytes that
 * gogoproto gives them, where nested messages that cannot be null are written even when empty.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { BlockId, Commit, Header, Validator } from './block'
import { utf8Bytes } from './bytes'
import { merkleRoot } from './merkle'
import { parts, type Time } from './time'

const precommit = 2

/** The hash of a header: the Merkle root over its fields. */
export function headerHash(header: Header): Uint8Array {
  return merkleRoot([
    new Message().uint64(1, header.version.block).uint64(2, header.version.app).finish(),
    new Message().bytes(1, utf8Bytes(header.chainId)).finish(),
    new Message().int64(1, header.height).finish(),
    timestamp(header.time),
    blockId(header.lastBlockId),
    ...[
      header.lastCommitHash,
      header.dataHash,
      header.validatorsHash,
      header.nextValidatorsHash,
      header.consensusHash,
      header.appHash,
      header.lastResultsHash,
      header.evidenceHash,
      header.proposerAddress,
    ].map((value) => new Message().bytes(1, value).finish()),
  ])
}

/** The hash of a validator set: the Merkle root over keys and powers. */
export function validatorsHash(validators: readonly Validator[]): Uint8Array {
  return merkleRoot(
    validators.map(({ publicKey, power }) => {
      const key = new Message().bytes(1, publicKey).finish()
      return new Message().message(1, key).int64(2, power).finish()
    }),
  )
}

/** What the validator at an index of a commit signed, when that was for the block. */
export function signBytes(chainId: string, commit: Commit, index: number): Uint8Array {
  const vote = new Message()
    .uint64(1, BigInt(precommit))
    .sfixed64(2, commit.height)
    .sfixed64(3, BigInt(commit.round))
    .message(4, blockId(commit.blockId))
    .message(5, timestamp(commit.signatures[index]!.time))
    .bytes(6, utf8Bytes(chainId))
    .finish()
  return new BinaryWriter().bytes(vote).finish() // behind its length
}

function blockId({ hash, parts }: BlockId): Uint8Array {
  const header = new Message().uint64(1, BigInt(parts.total)).bytes(2, parts.hash).finish()
  return new Message().bytes(1, hash).message(2, header).finish()
}

function timestamp(time: Time): Uint8Array {
  const { seconds, nanos } = parts(time)
  return new Message().int64(1, seconds).uint64(2, BigInt(nanos)).finish()
}

/** Writes the fields of a protobuf message; zeros and empty bytes are left out. */
class Message {
  readonly #writer = new BinaryWriter()

  uint64(field: number, value: bigint): this {
    if (value !== 0n) this.#writer.tag(field, WireType.Varint).uint64(value)
    return this
  }

  int64(field: number, value: bigint): this {
    if (value !== 0n) this.#writer.tag(field, WireType.Varint).int64(value)
    return this
  }

  sfixed64(field: number, value: bigint): this {
    if (value !== 0n) this.#writer.tag(field, WireType.Bit64).sfixed64(value)
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.message(field, value)
  }

  message(field: number, value: Uint8Array): this {
    this.#writer.tag(field, WireType.LengthDelimited).bytes(value)
    return this
  }

  finish(): Uint8Array {
    return this.#writer.finish()
  }
}
