/** One run over a report: each claim proves more from what those before it proved, and compares the report with it. */
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { hexToBytes } from '@noble/hashes/utils.js'
import { SampleSchema } from '../chain/gen/virusmap/samples/v1/base_pb'
import { RoundSchema, RoundStatus, type Round, type WeightTable } from '../chain/gen/virusmap/verdicts/v1/base_pb'
import { QueryMembersRequestSchema, QueryMembersResponseSchema } from '../chain/gen/virusmap/verdicts/v1/query_pb'
import type { LightBlock } from './block'
import { compare, equal } from './bytes'
import { messageOf, Refuted } from './errors'
import { roundKey, sampleKey, type StoreKey } from './keys'
import { merkleRoot } from './merkle'
import { kindName, outcomeName, roundStatusName, sampleStatusName } from './names'
import type { Report } from './report'
import { State } from './state'
import type { AttestedVector, Verdict } from './tally'
import { formatSpan, formatTime, now } from './time'
import type { Verifier } from './verifier'

const maxRoundSamples = 4096
const hashSize = 32

/** What was found true so far. A claim runs only when those it needs have filled theirs. */
export class Check {
  readonly sha256: Uint8Array
  block!: LightBlock
  state!: State
  round!: Round
  /** Name of the proved outcome. */
  outcome = ''
  /** Index of the sample among the members of the round. */
  index = 0
  vectors: AttestedVector[] = []
  verdicts: Verdict[] = []
  weights: WeightTable | undefined

  constructor(
    readonly verifier: Verifier,
    readonly report: Report,
  ) {
    this.sha256 = hexToBytes(report.sha256)
  }

  get height(): bigint {
    return this.block.header.height - 1n
  }

  async header(): Promise<string> {
    const { block, witnesses } = await this.verifier.header(this.report.chain.height)
    this.block = block
    this.state = new State(this.verifier.servers, this.height, block.header.appHash, this.verifier.signal)
    return (
      `block ${block.header.height} is signed by more than two thirds of the ${block.validators.length} validators ` +
      `that follow from trusted block ${this.verifier.settings.trust.height}; cross-checked with ${witnesses} more servers`
    )
  }

  fresh(): string {
    const age = now() - this.block.header.time
    const { maxAge } = this.verifier.settings
    if (age > maxAge) {
      throw new Refuted(
        `the newest block the servers show is ${formatSpan(age)} old, at most ${formatSpan(maxAge)} allowed: the servers or the chain stand still`,
      )
    }
    return `the proved state is of height ${this.height}, ${formatTime(this.block.header.time)}`
  }

  chain(): string {
    const [said, trusted] = [this.report.chain.chainId, this.verifier.settings.chainId]
    if (said !== trusted)
      throw new Refuted(`the report is of chain ${JSON.stringify(said)}, trusted is ${JSON.stringify(trusted)}`)
    return `the report is of chain ${said}`
  }

  async sample(): Promise<string> {
    const sample = await this.read(SampleSchema, sampleKey(this.sha256))
    const { kind, sizeBytes } = this.report
    if (sizeBytes !== undefined && sizeBytes !== sample.sizeBytes)
      throw new Refuted(`the report says ${sizeBytes} bytes, the chain ${sample.sizeBytes}`)
    if (kindName(sample.kind) !== kind)
      throw new Refuted(`the report is about a ${kind}, the chain has a ${kindName(sample.kind)}`)
    return `registered at height ${sample.submittedHeight} with ${sample.sizeBytes} bytes, status ${sampleStatusName(sample.status)}`
  }

  async newest(): Promise<string> {
    const { round, outcome } = await this.state.newest(this.sha256)
    this.outcome = outcomeName(outcome)
    const said = this.report.chain
    if (said.round !== round)
      throw new Refuted(`the report is of round ${said.round}, the newest outcome is of round ${round}`)
    if (said.outcome !== this.outcome) throw new Refuted(`the report says ${said.outcome}, the chain ${this.outcome}`)
    return `round ${round} decided ${this.outcome} and no later round has an outcome`
  }

  async readRound(): Promise<string> {
    const said = this.report.chain
    const round = await this.read(RoundSchema, roundKey(said.round))
    if (round.samples > maxRoundSamples) throw new Refuted(`round ${round.number} has ${round.samples} samples`)
    this.round = round
    // The report may be from before the last outcomes of its round.
    const early = round.status === RoundStatus.FINAL && said.height < round.finalHeight
    const status = roundStatusName(early ? RoundStatus.TALLY : round.status)
    if (said.height < round.openedHeight || said.height > this.height) {
      throw new Refuted(`the report is from height ${said.height}, outside ${round.openedHeight}..${this.height}`)
    }
    if (said.roundStatus !== status)
      throw new Refuted(
        `the report says round status ${said.roundStatus}, the chain ${status} at height ${said.height}`,
      )
    if (said.seats !== BigInt(round.seats))
      throw new Refuted(`the report says ${said.seats} seats, the chain ${round.seats}`)
    if (said.attestations !== BigInt(round.attestations)) {
      throw new Refuted(`the report says ${said.attestations} attestations, the chain ${round.attestations}`)
    }
    return `${round.attestations} of ${round.seats} seated supernodes attested ${round.samples} samples`
  }

  async member(): Promise<string> {
    const { number, samples, pruned, membersRoot } = this.round
    if (pruned) throw new Refuted(`members and vectors of round ${number} have left the state, only its roots remain`)
    const request = toBinary(QueryMembersRequestSchema, {
      $typeName: QueryMembersRequestSchema.typeName,
      round: number,
    })
    this.index = await this.state.query('Members', request, (value) => {
      const { hashes } = fromBinary(QueryMembersResponseSchema, value)
      if (hashes.length !== hashSize * samples) throw new Error(`${hashes.length} bytes for ${samples} members`)
      const members = Array.from({ length: samples }, (_, i) => hashes.subarray(hashSize * i, hashSize * (i + 1)))
      if (!equal(merkleRoot(members), membersRoot)) throw new Error("the members do not give the round's members root")
      const index = members.findIndex((member) => compare(member, this.sha256) === 0)
      if (index < 0) throw new Error(`the sample is not a member of round ${number}`)
      return index
    })
    return `the sample is member ${this.index + 1} of ${samples} under the members root`
  }

  /** Proves a record that has to exist and decodes it. */
  async read<Desc extends DescMessage>(schema: Desc, at: StoreKey): Promise<MessageShape<Desc>> {
    return decode(schema, at, await this.state.prove(at))
  }

  /** Proves a record and decodes it, or proves that there is none. */
  async readIfAny<Desc extends DescMessage>(schema: Desc, at: StoreKey): Promise<MessageShape<Desc> | undefined> {
    const value = await this.state.proveIfAny(at)
    return value && decode(schema, at, value)
  }
}

function decode<Desc extends DescMessage>(schema: Desc, { store }: StoreKey, value: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, value)
  } catch (error) {
    throw new Refuted(`store ${store}: ${messageOf(error)}`)
  }
}
