/** Columns of one byte per sample of a round, packed as in x/verdicts/types/column.go. */
import { equal } from './bytes'

const raw = 0
const runs = 1

/** Unpacks a column of exactly n cells; it refuses every encoding that is not the one. */
export function unpackColumn(packed: Uint8Array, n: number): Uint8Array {
  if (packed.length === 0) throw new Error('an empty column')
  if (packed.length > n + 1) throw new Error(`${packed.length} bytes for ${n} samples`)
  const column =
    packed[0] === raw ? packed.slice(1) : packed[0] === runs ? unpackRuns(packed.subarray(1), n) : undefined
  if (column?.length !== n) throw new Error(`a column that has not ${n} cells`)
  if (!equal(packColumn(column), packed)) throw new Error('a column that is not in its shortest encoding')
  return column
}

function unpackRuns(packed: Uint8Array, n: number): Uint8Array {
  const column = new Uint8Array(n)
  let length = 0
  for (let at = 0; at < packed.length; ) {
    const value = packed[at++]!
    let run = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = packed[at++]
      if (byte === undefined || factor > 2 ** 28) throw new Error('a run without a length')
      run += (byte & 0x7f) * factor
      if (byte < 0x80) break
    }
    if (run > n - length) throw new Error(`a bad run after ${length} of ${n} samples`)
    column.fill(value, length, length + run)
    length += run
  }
  return column.subarray(0, length)
}

/** The one encoding of a column: the shorter of its bytes and its runs. */
export function packColumn(column: Uint8Array): Uint8Array {
  const packed = [runs]
  for (let start = 0, end = 0; start < column.length; start = end) {
    while (end < column.length && column[end] === column[start]) end++
    packed.push(column[start]!)
    let rest = end - start
    for (; rest >= 0x80; rest >>>= 7) packed.push((rest & 0x7f) | 0x80)
    packed.push(rest)
  }
  return packed.length <= column.length ? Uint8Array.from(packed) : Uint8Array.from([raw, ...column])
}
