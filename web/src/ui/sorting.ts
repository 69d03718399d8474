export interface Order {
  key: string
  descending: boolean
}

type Value = string | number | bigint

/** A sorted copy. Text is ordered as people of the language do, numbers in it by value. */
export function sorted<Row>(
  rows: readonly Row[],
  by: (row: Row) => Value,
  descending: boolean,
  languageTag: string,
): Row[] {
  const text = new Intl.Collator(languageTag, { numeric: true, sensitivity: 'base' })
  const compare = (a: Value, b: Value) => {
    if (typeof a === 'string' || typeof b === 'string') return text.compare(String(a), String(b))
    return a < b ? -1 : a > b ? 1 : 0
  }
  const sign = descending ? -1 : 1
  return [...rows].sort((a, b) => sign * compare(by(a), by(b)))
}
