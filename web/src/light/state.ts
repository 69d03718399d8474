/** The application state after a block, read with ICS-23 proofs under the app hash of the next header. */
import { equal, readUint32, readUint64, startsWith, upperHex, utf8Bytes } from './bytes'
import { messageOf } from './errors'
import { absenceRoot, existenceRoot, iavlSpec, simpleSpec } from './ics23'
import { readProof, type Existence } from './ics23-proof'
import { historyKey, type StoreKey } from './keys'
import { ask, type Answer, type ProofOp, type Server } from './rpc'

const maxUint64 = 2n ** 64n - 1n

export class State {
  constructor(
    private readonly servers: readonly Server[],
    readonly height: bigint,
    private readonly appHash: Uint8Array,
    private readonly signal: AbortSignal,
  ) {}

  /** The proved value of a key that has to exist. */
  async prove(at: StoreKey): Promise<Uint8Array> {
    return await this.ask(at, ({ value, ops }) => {
      if (value.length > 0) return this.existing(at, value, ops)
      this.absent(at, ops)
      throw new Error(`key ${upperHex(at.key)} is not in store ${at.store} at height ${this.height}`)
    })
  }

  /** The proved value of a key, or undefined when it is proved that there is none. */
  async proveIfAny(at: StoreKey): Promise<Uint8Array | undefined> {
    return await this.ask(at, ({ value, ops }) => {
      if (value.length > 0) return this.existing(at, value, ops)
      this.absent(at, ops)
      return undefined
    })
  }

  /**
   * Proves which history entry of a sample is the last one, and its outcome: the left
   * neighbour of the key that would stand behind all of them.
   */
  async newest(sha256: Uint8Array): Promise<{ round: bigint; outcome: number }> {
    const end = historyKey(sha256, maxUint64)
    const prefix = end.key.subarray(0, -8)
    return await this.ask(end, ({ ops }) => {
      const left = this.absent(end, ops)
      if (left?.key.length !== end.key.length || !startsWith(left.key, prefix)) {
        throw new Error(`the chain has no outcome of this sample at height ${this.height}`)
      }
      if (left.value.length !== 4) throw new Error(`history value ${upperHex(left.value)} is not of 4 bytes`)
      return { round: readUint64(left.key.subarray(prefix.length)), outcome: readUint32(left.value) }
    })
  }

  /** Asks a query service at this height; accept has to prove the answer. */
  async query<T>(method: string, request: Uint8Array, accept: (value: Uint8Array) => T): Promise<T> {
    const query = { path: `/virusmap.verdicts.v1.Query/${method}`, data: request, height: this.height, prove: false }
    return await ask(this.servers, this.signal, query, ({ value }) => accept(value))
  }

  private async ask<T>({ store, key }: StoreKey, accept: (answer: Answer) => T): Promise<T> {
    const query = { path: `/store/${store}/key`, data: key, height: this.height, prove: true }
    return await ask(this.servers, this.signal, query, accept)
  }

  private existing(at: StoreKey, value: Uint8Array, ops: readonly ProofOp[]): Uint8Array {
    this.verify(at, ops, (data) => existenceRoot(iavlSpec, readProof(data), at.key, value))
    return value
  }

  /** The left neighbour of a key that is proved absent, if there is one. */
  private absent(at: StoreKey, ops: readonly ProofOp[]): Existence | undefined {
    let left: Existence | undefined
    this.verify(at, ops, (data) => {
      const proof = readProof(data)
      left = proof.nonexist?.left
      return absenceRoot(iavlSpec, proof, at.key)
    })
    return left
  }

  /** Checks an IAVL proof of the key in its store, then the proof of the store in the multistore. */
  private verify({ store, key }: StoreKey, ops: readonly ProofOp[], storeRoot: (data: Uint8Array) => Uint8Array): void {
    const where = `store ${store}, key ${upperHex(key)}`
    const [inStore, inMultistore] = ops
    if (ops.length !== 2 || inStore?.type !== 'ics23:iavl' || inMultistore?.type !== 'ics23:simple') {
      throw new Error(`${where}: the answer has no ICS-23 proof`)
    }
    try {
      const name = utf8Bytes(store)
      if (!equal(inStore.key, key) || !equal(inMultistore.key, name)) throw new Error('a proof of another key')
      const root = existenceRoot(simpleSpec, readProof(inMultistore.data), name, storeRoot(inStore.data))
      if (!equal(root, this.appHash)) throw new Error('it does not lead to the app hash')
    } catch (error) {
      throw new Error(`${where}: forged proof: ${messageOf(error)}`)
    }
  }
}
