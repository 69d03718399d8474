/** Where the local key stands in this browser. */

/** A key as it stands in the browser's storage. */
export interface Kept {
  version: 1
  address: string
  name: string
  /** The armored age file. */
  file: string
}

const key = 'wallet.local'

export function readKept(storage: Storage = localStorage): Kept | null {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? 'null') as Kept | null
    return kept?.version === 1 && typeof kept.address === 'string' && typeof kept.file === 'string' ? kept : null
  } catch {
    return null // not ours
  }
}

export function keep(kept: Kept, storage: Storage = localStorage): void {
  storage.setItem(key, JSON.stringify(kept))
}

export function drop(storage: Storage = localStorage): void {
  storage.removeItem(key)
}
