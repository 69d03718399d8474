/** Bytes that the Go code made, from ../testdata. All of them are in hex. */
import recorded from '../testdata/encodings.json?raw'

export const encodings = JSON.parse(recorded) as {
  block: {
    signed_header: object
    validators: object[]
    header_hash: string
    validators_hash: string
    sign_bytes: string[]
  }
  merkle: string[]
  keys: Record<'sample' | 'supernode' | 'round' | 'history' | 'weights', string>
  columns: { cells: string; packed: string }[]
  leaf: { operator: string; attestation: string; leaf: string }
  tallies: { rules: [number, number, number]; expected: number; cast: [number, number][]; outcome: number }[]
  proofs: {
    store: 'samples' | 'verdicts'
    key: string
    value: string
    ops: { type: string; key: string; data: string }[]
    app_hash: string
  }[]
}
