/** Keys of the modules' stores as cosmossdk.io/collections encodes them. */
import { concatBytes } from '@noble/hashes/utils.js'
import { uint64 } from './bytes'

// Prefixes as in x/samples, x/supernode and x/verdicts, types/keys.go.
const samples = Uint8Array.of(1)
const supernodes = Uint8Array.of(1)
const rounds = Uint8Array.of(3)
const history = Uint8Array.of(8)
const weights = Uint8Array.of(14)

/** The store and key of one record. */
export interface StoreKey {
  store: 'samples' | 'supernode' | 'verdicts'
  key: Uint8Array
}

/** sha256 -> Sample */
export const sampleKey = (sha256: Uint8Array): StoreKey => ({ store: 'samples', key: concatBytes(samples, sha256) })

/** operator -> Supernode */
export const supernodeKey = (operator: Uint8Array): StoreKey => ({
  store: 'supernode',
  key: concatBytes(supernodes, operator),
})

/** round -> Round */
export const roundKey = (round: bigint): StoreKey => ({ store: 'verdicts', key: concatBytes(rounds, uint64(round)) })

/** (sha256, round) -> outcome. Bytes that are not last in a key stand behind their length in one byte. */
export const historyKey = (sha256: Uint8Array, round: bigint): StoreKey => ({
  store: 'verdicts',
  key: concatBytes(history, Uint8Array.of(sha256.length), sha256, uint64(round)),
})

/** epoch -> WeightTable */
export const weightsKey = (epoch: bigint): StoreKey => ({ store: 'verdicts', key: concatBytes(weights, uint64(epoch)) })
