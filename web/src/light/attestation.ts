/** What supernodes attest: its leaf under the round's root, and its one valid form, as in x/verdicts/types/attestation.go. */
import { create, toBinary } from '@bufbuild/protobuf'
import { concatBytes } from '@noble/hashes/utils.js'
import {
  AttestationSchema,
  Category,
  FeatureVectorSchema,
  type Attestation,
  type FeatureVector,
  type VerdictVector,
} from '../chain/gen/virusmap/verdicts/v1/base_pb'
import { compare, uint64, utf8Bytes } from './bytes'
import { unpackColumn } from './column'
import { messageOf, quoted } from './errors'
import { fits, isPrintable } from './text'

const maxLabelBytes = 128
const maxVersionBytes = 64
const maxFileTypes = 256
const maxFileTypeBytes = 32
const maxEngines = 16
const maxMatchedBounties = 256
const bountyIdBytes = 32
const keyBytesPerSample = 10 * 8

/** The attestation as it stands under the attestations root. */
export function attestationLeaf(operator: Uint8Array, attestation: Attestation): Uint8Array {
  // The chain always writes the features, empty or not, and no field that it does not know.
  const features = attestation.features ?? create(FeatureVectorSchema)
  const canonical = toBinary(AttestationSchema, { ...attestation, features }, { writeUnknownFields: false })
  return concatBytes(uint64(BigInt(operator.length)), operator, canonical)
}

/** Checks an attestation over n samples and returns the column of each of its vectors. */
export function columnsOf(attestation: Attestation, n: number): Uint8Array[] {
  const { vectors, features } = attestation
  if (vectors.length > maxEngines) throw new Error(`${vectors.length} vectors, at most ${maxEngines}`)
  ascending(
    'vector',
    vectors.map((vector) => vector.engine),
  )
  const columns = vectors.map((vector) => columnOf(vector, n))
  for (let sample = 0; sample < n; sample++) {
    const undecryptable = columns.filter((column) => column[sample]! >> 4 === Category.UNDECRYPTABLE).length
    // Opening the ciphertext is one act of the supernode.
    if (undecryptable !== 0 && undecryptable !== columns.length)
      throw new Error(`sample ${sample} is undecryptable for some engines only`)
  }
  if (features) checkFeatures(features, n)
  return columns
}

/** The label of a sample in a vector, or ''. */
export function labelOf(vector: VerdictVector, sample: number): string {
  const at = vector.labelled.indexOf(sample)
  return at < 0 ? '' : vector.labels[vector.labelRefs[at]!]!
}

function columnOf(vector: VerdictVector, n: number): Uint8Array {
  if (!/^[A-Za-z0-9._-]{1,32}$/.test(vector.engine)) throw new Error(`engine ${quoted(vector.engine)} is no name`)
  const fail = (message: string): never => {
    throw new Error(`${vector.engine}: ${message}`)
  }
  try {
    checkText('version', vector.version, maxVersionBytes)
    const digest = vector.signatureDigest.length
    if (digest !== 0 && digest !== 32) fail(`signature_digest has ${digest} bytes, want 0 or 32`)
    if (vector.signatureTime < 0n) fail('signature_time is negative')
    const column = unpackColumn(vector.column, n)
    const odd = column.findIndex((cell) => cell >> 4 < Category.HARMLESS || cell >> 4 > Category.UNDECRYPTABLE)
    if (odd >= 0) fail(`sample ${odd} has category ${column[odd]! >> 4}`)
    checkLabels(vector, n)
    return column
  } catch (error) {
    return fail(messageOf(error))
  }
}

function checkLabels({ labels, labelled, labelRefs }: VerdictVector, n: number): void {
  if (labelled.length !== labelRefs.length)
    throw new Error(`${labelled.length} labelled samples but ${labelRefs.length} label_refs`)
  checkTable('label', labels, labelled.length, maxLabelBytes)
  checkIndexes('labelled', labelled, n)
  checkUse('label', labels, labelRefs)
}

function checkFeatures(features: FeatureVector, n: number): void {
  checkIndexes('keyed', features.keyed, n)
  if (features.keys.length !== features.keyed.length * keyBytesPerSample)
    throw new Error(`keys have ${features.keys.length} bytes`)
  checkMatches(features, n)
  if (features.fileTypes.length === 0 && features.typeColumn.length === 0) return
  checkTable('file_type', features.fileTypes, Math.min(n, maxFileTypes), maxFileTypeBytes)
  checkUse('file_type', features.fileTypes, [...unpackColumn(features.typeColumn, n)])
}

function checkMatches({ matches }: FeatureVector, n: number): void {
  if (matches.length > maxMatchedBounties) throw new Error(`${matches.length} matches, at most ${maxMatchedBounties}`)
  for (const [i, { bounty, samples }] of matches.entries()) {
    if (bounty.length !== bountyIdBytes)
      throw new Error(`matches[${i}].bounty has ${bounty.length} bytes, want ${bountyIdBytes}`)
    if (i > 0 && compare(matches[i - 1]!.bounty, bounty) >= 0)
      throw new Error(`matches[${i}].bounty is not after the one before`)
    if (samples.length === 0) throw new Error(`matches[${i}].samples is empty`)
    checkIndexes('matches.samples', samples, n)
  }
}

/** A table has distinct texts in ascending order. */
function checkTable(field: string, table: readonly string[], limit: number, maxBytes: number): void {
  if (table.length > limit) throw new Error(`the ${field} table has ${table.length} entries, at most ${limit}`)
  for (const entry of table) checkText(field, entry, maxBytes)
  ascending(field, table)
}

/** Wants references into a table that use each of its entries. */
function checkUse(field: string, table: readonly string[], references: readonly number[]): void {
  const used = new Set(references)
  for (const reference of used)
    if (reference >= table.length) throw new Error(`${field} ${reference} of ${table.length}`)
  if (used.size !== table.length) throw new Error(`a ${field} that is not used`)
}

/** Wants indexes below n in strictly ascending order. */
function checkIndexes(field: string, indexes: readonly number[], n: number): void {
  for (const [i, index] of indexes.entries()) {
    if (index >= n || (i > 0 && indexes[i - 1]! >= index))
      throw new Error(`${field}: ${index} is out of order or range`)
  }
}

function checkText(field: string, value: string, maxBytes: number): void {
  if (value === '' || !fits(value, maxBytes)) throw new Error(`${field} has not 1..${maxBytes} bytes`)
  if (!isPrintable(value)) throw new Error(`${field} is not printable`)
}

/** Wants texts in strictly ascending order of their bytes. */
function ascending(field: string, texts: readonly string[]): void {
  for (let i = 1; i < texts.length; i++) {
    if (compare(utf8Bytes(texts[i - 1]!), utf8Bytes(texts[i]!)) >= 0)
      throw new Error(`${field} ${quoted(texts[i]!)} is not after the one before`)
  }
}
